using AMA.Grains.Archive.Leases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Index;

/// <summary>
/// Gets the partition key at the silo's start and looks after it: a new version every 90 days, files rewritten, the old
/// one given up.
/// </summary>
public sealed partial class PartitionTender(
    PartitionKeys keys, IndexPlaces places, TimeProvider time, ILogger<PartitionTender> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(12);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>One round. Throws <see cref="Interfaces.Archive.ArchiveException"/> while Control is away.</summary>
    public async Task TendAsync()
    {
        await keys.AskAsync(null);
        var newest = places.Renew();
        // Only now is it true that no file needs the others.
        if (keys.Versions > 1) await keys.AskAsync(newest);
    }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
                await Task.Delay(await TryTendAsync() ? Every : RetryAfter, time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task<bool> TryTendAsync()
    {
        try
        {
            await TendAsync();
            return true;
        }
        catch (Exception fault)
        {
            LogWaiting(fault.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The key of this machine's disk is not there or not renewed yet: {reason}")]
    private partial void LogWaiting(string reason);
}
