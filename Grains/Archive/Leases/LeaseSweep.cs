using Microsoft.Extensions.Hosting;

namespace AMA.Grains.Archive.Leases;

/// <summary>Zeroes leased keys as soon as their time is over, whether anybody asks for them or not.</summary>
public sealed class LeaseSweep(LeaseHolder holder, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
                holder.Sweep();
        }
        catch (OperationCanceledException)
        {
            // The silo stops; the holder is disposed of with it.
        }
    }
}
