using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Takes finished segments out of the spool: committed, in Backup, then the mark that holds for ever, then the
/// deletion. A crash between any two of these is repaired by doing the rest again.
/// </summary>
public sealed class SegmentFinisher(
    SpoolStores spool, StorePair stores, SegmentShelf shelf, ILogger<SegmentFinisher> log)
{
    private const int RememberedMax = 10_000;
    private const int ParallelMax = 16;

    private readonly HashSet<SegmentId> _done = [];
    private readonly Queue<SegmentId> _order = [];

    /// <summary>Done lately: a listing that began before its deletion may still name it.</summary>
    public bool IsDone(SegmentId id) => _done.Contains(id);

    public async Task FinishAsync(Dictionary<SegmentId, SegmentWork> segments, IGrainFactory grains)
    {
        var committed = segments.Values.Where(s => s.AllCommitted).ToArray();
        if (committed.Length == 0) return;
        var backedUp = new Dictionary<TenantId, ulong>();
        foreach (var tenant in committed.SelectMany(s => s.Batches.Keys).Distinct())
            backedUp[tenant] = (await ArchiveOf(grains, tenant).Positions()).BackedUp;
        var ready = committed.Where(s => s.Batches.All(b => b.Value < backedUp[b.Key])).ToArray();
        foreach (var some in ready.Chunk(ParallelMax))
            await Task.WhenAll(some.Select(s => FinishAsync(s, segments)));
        foreach (var tenant in ready.SelectMany(s => s.Batches.Keys).Distinct())
            await ArchiveOf(grains, tenant).Forget([.. ready.Select(s => s.Id.Value)]);
    }

    private async Task FinishAsync(SegmentWork segment, Dictionary<SegmentId, SegmentWork> segments)
    {
        try
        {
            await stores.Primary.PutIfAbsentAsync(SegmentNames.DoneOf(segment.Id), "archived\n"u8.ToArray(), default);
            foreach (var store in spool.All)
                await store.DeleteAsync(SegmentNames.Of(segment.Id), default);
            Remember(segment.Id);
            segments.Remove(segment.Id);
            shelf.Drop(segment.Id);
        }
        catch (BlobStoreException e)
        {
            SpoolLog.NotFinished(log, segment.Id, e.Message);
        }
    }

    private void Remember(SegmentId id)
    {
        if (_done.Add(id)) _order.Enqueue(id);
        if (_order.Count > RememberedMax) _done.Remove(_order.Dequeue());
    }

    private static IArchiveGrain ArchiveOf(IGrainFactory grains, TenantId tenant) =>
        grains.GetGrain<IArchiveGrain>(tenant.ToString());
}
