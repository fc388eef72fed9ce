using AMA.Archive.Ids;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

/// <summary>Keeps the region's work going without anybody calling: every silo does it, once is enough.</summary>
public sealed class RegionTender(
    IGrainFactory grains, SiloIdentity identity, TimeProvider time, ILogger<RegionTender> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await TendAsync();
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task TendAsync()
    {
        try
        {
            await grains.GetGrain<IRegionGrain>(identity.Region.Text()).Tend();
        }
        catch (Exception e)
        {
            RegionLog.Waiting(log, e.Message);
        }
    }
}
