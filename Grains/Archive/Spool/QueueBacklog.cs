using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Spool;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Which queue keys the spool still needs. Control can't see the spool, and lets no queue key die before it has heard of
/// a complete look at every store.
/// </summary>
public sealed class QueueBacklog(SpoolStores spool, TimeProvider time, ILogger<QueueBacklog> log)
{
    /// <summary>
    /// The oldest week whose key a segment in any spool store names; this week when there is none. Null: a store could
    /// not be asked, or a segment doesn't say; then nothing is known.
    /// </summary>
    public async Task<ulong?> OldestWeekAsync()
    {
        var oldest = QueueWeek.Of(time.GetUtcNow());
        try
        {
            foreach (var store in spool.All)
                await foreach (var blob in store.ListAsync(SegmentNames.Prefix, null, default))
                    oldest = Math.Min(oldest, await WeekOfAsync(store, blob.Name) ?? oldest);
            return oldest;
        }
        catch (Exception unknown) when (unknown is BlobStoreException or SegmentException)
        {
            SpoolLog.StoreAway(log, unknown.Message);
            return null;
        }
    }

    /// <summary>Null: the segment was finished meanwhile.</summary>
    private static async Task<ulong?> WeekOfAsync(IBlobStore store, string name)
    {
        var head = new byte[SegmentHead.Bytes];
        try
        {
            var read = await store.ReadAsync(name, 0, head, default);
            return SegmentHead.Read(head.AsSpan(0, read)).QueueKeyId;
        }
        catch (BlobNotFoundException)
        {
            return null;
        }
    }
}
