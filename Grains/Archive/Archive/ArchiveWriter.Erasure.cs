using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Archive;

/// <remarks>What the log says of leaves and trees that end. Each needs a lease, for its fence.</remarks>
public sealed partial class ArchiveWriter
{
    /// <summary>Says in the log that these leaves are to be erased.</summary>
    public Task EraseAsync(IReadOnlyList<ErasedLeaf> leaves)
    {
        var now = room.Time.GetUtcNow();
        return CommitAsync([.. leaves.Select(leaf => new LogEntry(
            Leaf(LeafType.Punctured, new(tenant, leaf.Class, leaf.Epoch), leaf.Generation, leaf.Leaf, leaf.Record, now),
            null, null, 0))]);
    }

    /// <summary>Gives back what the part is written under, unless that is a tree of this generation or a later one.</summary>
    public Task RetireAsync(RetentionPart part, uint generation) =>
        _leases.TryGetValue(part, out var lease) && lease.TreeGeneration < generation ? DropAsync(lease) : Task.CompletedTask;

    /// <summary>Null: one of the records is to be erased.</summary>
    public async Task<CommittedBatch?> ResealAsync(ResealRequest request)
    {
        var part = new RetentionPart(tenant, request.Class, request.Epoch);
        // Two that seal the same leaves would each have Control erase what the other one's index entries name.
        if (state.LastReseal(part) != request.NewestBatch)
            throw new ArchiveException(ArchiveRefusal.Unavailable, "somebody else has sealed of the part meanwhile");
        if (!request.EvenIntended && request.Items.Any(item => state.IsErased(item.Record))) return null;
        var now = room.Time.GetUtcNow();
        var resealed = request.Items.Select(item => new LogEntry(
            Leaf(LeafType.Resealed, part, request.FreshGeneration, item.Leaf, item.Record, now) with
            {
                RefIndex = item.OldIndex, ContainerSha256 = item.ContainerSha256, ContentCommit = item.ContentCommit,
            }, null, request.Pack, item.PackRecord));
        var held = request.Items.Where(item => state.IsHeld(new(part, request.OldGeneration, item.OldLeaf)));
        var holds = held.SelectMany(item => new[]
        {
            Leaf(LeafType.Hold, part, request.FreshGeneration, item.Leaf, item.Record, now),
            Leaf(LeafType.HoldOff, part, request.OldGeneration, item.OldLeaf, item.Record, now),
        });
        var batch = await CommitAsync([.. resealed, .. holds.Select(leaf => new LogEntry(leaf, null, null, 0))]);
        return new(batch.Number, batch.FirstLeafIndex);
    }

    /// <summary>Says that nothing of the part lies under this tree any more; the batch that says so, now or before.</summary>
    public async Task<ulong> EndTreeAsync(RetentionPart part, uint generation)
    {
        if (state.Ended(part, generation) is { } ended) return ended.Batch;
        var leaf = Leaf(LeafType.EpochDestroyed, part, generation, 0, Guid.Empty, room.Time.GetUtcNow());
        return (await CommitAsync([new(leaf, null, null, 0)])).Number;
    }

    /// <summary>Says that nothing of the part lives any more but what is held; the batch that says so, now or before.</summary>
    public async Task<ulong> EndPartAsync(RetentionPart part)
    {
        if (state.IsOver(part)) return state.Ended(part, EndedTree.WholePart)!.Batch;
        await RetireAsync(part, EndedTree.WholePart);
        var leaf = Leaf(LeafType.EpochDestroyed, part, 0, 0, Guid.Empty, room.Time.GetUtcNow()) with
        {
            RefIndex = LogLeaf.WholePart,
        };
        return (await CommitAsync([new(leaf, null, null, 0)])).Number;
    }

    /// <summary>Says that these leaves are held, or held no more.</summary>
    public Task HoldAsync(IReadOnlyList<ErasedLeaf> leaves, bool on)
    {
        var now = room.Time.GetUtcNow();
        var type = on ? LeafType.Hold : LeafType.HoldOff;
        return CommitAsync([.. leaves.Select(leaf => new LogEntry(
            Leaf(type, new(tenant, leaf.Class, leaf.Epoch), leaf.Generation, leaf.Leaf, leaf.Record, now), null, null, 0))]);
    }

    private async Task<LogBatch> CommitAsync(LogEntry[] entries)
    {
        var lease = _leases.Values.FirstOrDefault(held => held.Lease.MayStart)?.Lease ?? throw new LeaseEndedException();
        var batch = (await _log.CommitAsync(entries, default, lease.Check)).Batch ?? throw Overtaken();
        state.Apply(batch);
        return batch;
    }

    private LogLeaf Leaf(
        LeafType type, RetentionPart part, uint generation, uint leaf, Guid record, DateTimeOffset now) => new(
        type, room.Leases.Region, part.Epoch, now, tenant, new(record), leaf, part.Class, (ushort)generation, 0,
        LogLeaf.NoHash, LogLeaf.NoHash, LogLeaf.NoHash);
}
