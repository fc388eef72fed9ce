using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Takes finished segments out of the spool: committed, in Backup, then marked as done and deleted. Only then may the
/// archives forget their deliveries: until the mark is there, the segment may be read again.
/// </summary>
public sealed class SegmentFinisher(SegmentMarks marks, SegmentShelf shelf, RowWatch rows, ILogger<SegmentFinisher> log)
{
    private const int RememberedMax = 10_000;
    private const int ParallelMax = 16;

    private readonly HashSet<SegmentId> _done = [];
    private readonly Queue<SegmentId> _order = [];

    /// <summary>Remembers what is finished: a number that is missing later was never there.</summary>
    public RowWatch Rows => rows;

    /// <summary>Done lately: a listing that began before its deletion may still name it.</summary>
    public bool IsDone(SegmentId id) => _done.Contains(id);

    public async Task FinishAsync(Dictionary<SegmentId, SegmentWork> segments, IGrainFactory grains)
    {
        var committed = segments.Values.Where(s => s.AllCommitted).ToArray();
        if (committed.Length == 0) return;
        var backedUp = new Dictionary<TenantId, ulong>();
        foreach (var tenant in committed.SelectMany(s => s.Batches.Keys).Distinct())
            backedUp[tenant] = await BackedUpAsync(ArchiveOf(grains, tenant), tenant);
        var ready = committed.Where(s => s.Batches.All(b => b.Value < backedUp[b.Key])).ToArray();
        if (!await RememberRowsAsync(ready)) return;
        foreach (var some in ready.Chunk(ParallelMax))
            await Task.WhenAll(some.Select(s => FinishAsync(s, segments)));
        var finished = ready.Where(s => IsDone(s.Id)).ToArray();
        foreach (var tenant in finished.SelectMany(s => s.Batches.Keys).Distinct())
            await ForgetAsync(ArchiveOf(grains, tenant), tenant, finished);
    }

    /// <summary>Without it nothing is deleted: a number that nobody remembers would be missing.</summary>
    private async Task<bool> RememberRowsAsync(SegmentWork[] ready)
    {
        try
        {
            await rows.FinishedAsync([.. ready.Select(s => s.Place)]);
            return true;
        }
        catch (BlobStoreException e)
        {
            foreach (var segment in ready.Take(1)) SpoolLog.NotFinished(log, segment.Id, e.Message);
            return false;
        }
    }

    /// <summary>What an archive doesn't hear now it remembers for longer than it needs to, nothing else.</summary>
    private async Task ForgetAsync(IArchiveGrain archive, TenantId tenant, SegmentWork[] finished)
    {
        try
        {
            await archive.Forget([.. finished.Select(s => s.Id.Value)]);
        }
        catch (Exception e)
        {
            SpoolLog.ArchiveSilent(log, tenant, e.Message);
        }
    }

    /// <summary>An archive that can't answer holds up its own segments, not those of others.</summary>
    private async Task<ulong> BackedUpAsync(IArchiveGrain archive, TenantId tenant)
    {
        try
        {
            return (await archive.Positions()).BackedUp;
        }
        catch (Exception e)
        {
            SpoolLog.ArchiveSilent(log, tenant, e.Message);
            return 0;
        }
    }

    private async Task FinishAsync(SegmentWork segment, Dictionary<SegmentId, SegmentWork> segments)
    {
        try
        {
            await marks.EndAsync(segment.Id, segment.Mark());
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
