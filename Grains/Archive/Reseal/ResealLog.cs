using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Archive.Reseal;

/// <summary>A leaf of the old tree that the log has a record or a further delivery under.</summary>
/// <param name="Index">Of the entry in the log.</param>
public sealed record OldLeaf(
    ulong Index, Guid Record, uint Leaf, Guid Pack, int PackRecord, byte[] ContentCommit);

/// <summary>How far a re-seal is by the log, which alone remembers it.</summary>
/// <param name="Next">Whatever has a lower index in the log is sealed anew, or was erased.</param>
/// <param name="Passed">Leaves of the old tree before it.</param>
/// <param name="LastBatch">The newest batch of the re-seal, which Control may not have heard of; 0: none.</param>
/// <param name="NewestBatch">The newest with leaves of type 8 of the part, of this re-seal or one before; 0: none.</param>
/// <param name="From">Leaves of the old tree that the last batch replaces.</param>
/// <param name="To">Of the fresh one, each in the place of the one before.</param>
public sealed record ResealPosition(ulong Next, long Passed, ulong LastBatch, ulong NewestBatch, uint[] From, uint[] To);

/// <summary>What the tenant's log says about a part that is sealed anew. Reads; keeps no more than one batch.</summary>
public sealed class ResealLog(StorePair stores, RetentionPart part, ResealTrees trees, ulong firstBatch)
{
    /// <summary>Leaves of the old tree in the order of the log.</summary>
    /// <param name="from">The lowest index in the log.</param>
    public async IAsyncEnumerable<OldLeaf> LeavesAsync(ulong from)
    {
        await foreach (var batch in BatchesAsync())
        {
            if (batch.NextLeafIndex <= from) continue;
            foreach (var (i, entry) in batch.Entries.Index())
            {
                var index = batch.FirstLeafIndex + (ulong)i;
                if (index >= from && IsOld(entry)) yield return Of(entry, index);
            }
        }
    }

    public async Task<ResealPosition> PositionAsync()
    {
        var (next, last, any) = (0ul, 0ul, 0ul);
        LogLeaf[] newest = [];
        await foreach (var batch in BatchesAsync())
        {
            if (batch.Entries.Any(entry => IsResealed(entry.Leaf))) any = batch.Number;
            LogLeaf[] resealed = [.. batch.Entries.Select(entry => entry.Leaf).Where(IsFresh)];
            if (resealed.Length == 0) continue;
            (last, newest) = (batch.Number, resealed);
            next = Math.Max(next, resealed.Max(leaf => leaf.RefIndex) + 1);
        }
        var replaced = newest.ToDictionary(leaf => leaf.RefIndex, leaf => leaf.Leaf);
        var (from, to) = (new List<uint>(), new List<uint>());
        var passed = 0L;
        await foreach (var leaf in LeavesAsync(0))
        {
            if (leaf.Index >= next) break;
            passed++;
            if (!replaced.TryGetValue(leaf.Index, out var fresh)) continue;
            from.Add(leaf.Leaf);
            to.Add(fresh);
        }
        return new(next, passed, last, any, [.. from], [.. to]);
    }

    /// <summary>What the log has in ranges that Control still opens under the old tree: the first of it.</summary>
    public async Task<OldLeaf[]> LivingInAsync(LeafRange[] ranges, int max)
    {
        var living = new List<OldLeaf>();
        await foreach (var leaf in LeavesAsync(0))
        {
            if (!Covers(ranges, leaf.Leaf)) continue;
            living.Add(leaf);
            if (living.Count == max) break;
        }
        return [.. living];
    }

    /// <summary>The newest batch of the log.</summary>
    public Task<LogPlace> EndAsync(ulong nextBatch) => PlaceAsync(nextBatch - 1);

    public async Task<LogPlace> PlaceAsync(ulong number) =>
        new(number, (await new TenantLog(stores.Primary, part.Tenant).ReadOneAsync(number, default)).Hash);

    private IAsyncEnumerable<LogBatch> BatchesAsync() =>
        new TenantLog(stores.Primary, part.Tenant).ReadAsync(firstBatch, default);

    /// <summary>Ranges come in order, and there may be thousands of them.</summary>
    private static bool Covers(LeafRange[] ranges, uint leaf)
    {
        int low = 0, high = ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ranges[middle].First <= leaf) low = middle + 1;
            else high = middle;
        }
        return low > 0 && ranges[low - 1].Covers(leaf);
    }

    private bool IsOld(LogEntry entry) =>
        entry.Pack is not null && IsOfPart(entry.Leaf) && entry.Leaf.TreeGeneration == trees.Old
        && entry.Leaf.Type is LeafType.Archived or LeafType.Delivery or LeafType.Resealed;

    private bool IsResealed(LogLeaf leaf) => leaf.Type == LeafType.Resealed && IsOfPart(leaf);

    private bool IsFresh(LogLeaf leaf) => IsResealed(leaf) && leaf.TreeGeneration == trees.Fresh;

    private bool IsOfPart(LogLeaf leaf) => leaf.Class == part.Class && leaf.Epoch == part.Epoch;

    private static OldLeaf Of(LogEntry entry, ulong index) => new(
        index, entry.Leaf.Record.Value, entry.Leaf.Leaf, entry.Pack!.Value, entry.PackRecord, entry.Leaf.ContentCommit);
}
