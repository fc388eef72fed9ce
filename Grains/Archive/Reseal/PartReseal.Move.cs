using AMA.Archive.Keys.Leases;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Reseal;

/// <remarks>
/// The move of some leaves: sealed, committed, found under the new place, known to Control. From the commit on the log
/// names the fresh leaves, whatever fails after it: none of them may be given back as unused then.
/// </remarks>
public sealed partial class PartReseal
{
    /// <summary>
    /// Sealed anew and committed; what was erased is left behind. False: one of them was ordered to be erased meanwhile,
    /// and nothing was committed.
    /// </summary>
    private async Task<bool> TrySealAsync(IReadOnlyList<OldMessage> messages, bool evenIntended)
    {
        var living = evenIntended ? messages : await LivingAsync(messages);
        if (living.Count == 0) return true;
        var lease = await parts.Leases.ResealAsync(
            part, task.Job, _trees.Old, [.. living.Select(message => message.Leaf.Leaf)]);
        var mayStandInLog = false;
        try
        {
            await LevelAsync();
            if (await parts.Room.SealAsync(part, _trees, living, lease) is not { } pack) return true;
            stop.ThrowIfCancellationRequested();
            mayStandInLog = true; // an answer that is lost says nothing
            if (await CommitAsync(pack, evenIntended) is { } batch)
            {
                _newestBatch = batch.Number;
                _move = new(
                    batch.Number, [.. pack.Items.Select(item => item.OldLeaf)], [.. pack.Items.Select(item => item.Leaf)])
                {
                    Fresh = new(lease, pack, batch),
                };
                return true;
            }
            mayStandInLog = false;
            await parts.Room.DiscardAsync(part, pack.Pack);
            return false;
        }
        finally
        {
            if (!mayStandInLog) await GiveBackAsync(lease, 0);
            else if (_move is null) await parts.Leases.ReleaseAsync(lease);
        }
    }

    private async Task<IReadOnlyList<OldMessage>> LivingAsync(IReadOnlyList<OldMessage> messages)
    {
        var erased = (await _archive.ErasedOf([.. messages.Select(message => message.Leaf.Record).Distinct()])).ToHashSet();
        return [.. messages.Where(message => !erased.Contains(message.Leaf.Record))];
    }

    /// <summary>Once, under the first lease: what replaces an entry must find it in the index.</summary>
    private async Task LevelAsync()
    {
        if (_isLevel) return;
        await _archive.LevelIndex(part.Class, part.Epoch);
        _isLevel = true;
    }

    private Task<CommittedBatch?> CommitAsync(ResealedPack pack, bool evenIntended) => _archive.Reseal(new(
        part.Class, part.Epoch, _trees.Old, _trees.Fresh, pack.Pack, pack.Items, evenIntended, _newestBatch));

    /// <summary>
    /// Found under the new places, durably; then Control erases the old leaves, but only once the new ones are in Backup,
    /// too. False: not yet.
    /// </summary>
    private async Task<bool> MovedAsync()
    {
        var move = _move!;
        if (move is { Fresh: { } fresh, IsIndexed: false })
        {
            await IndexAsync(fresh.Pack, fresh.Batch);
            _move = move = move with { IsIndexed = true };
        }
        if ((await _archive.BackUp()).BackedUp <= move.Batch) return false;
        await parts.Orders.MoveAsync(part, task.Job, _trees, await _log.PlaceAsync(move.Batch), move.From, move.To);
        _move = null;
        if (move.Fresh is { } done) await GiveBackAsync(done.Lease, move.To.Length);
        return true;
    }

    private async Task IndexAsync(ResealedPack pack, CommittedBatch batch)
    {
        parts.Feed.Put(pack.Pack, pack.Documents);
        await parts.Grains.GetGrain<IIndexGrain>(part.ToString()).Apply(batch.Number, pack.Pack, batch.FirstLeafIndex);
        await _archive.LevelIndex(part.Class, part.Epoch);
    }

    /// <summary>Leaves above the used ones are erased by Control.</summary>
    private Task GiveBackAsync(HeldLease lease, int used)
    {
        var count = (uint)used;
        return lease.Find(LeasedKeyKind.Subtree, part) is { } subtree
            ? parts.Leases.ReleaseAsync(
                lease, new IngestReport(part.Class, part.Epoch, _trees.Fresh, subtree.FirstLeaf, count, count))
            : parts.Leases.ReleaseAsync(lease);
    }

    /// <summary>Committed, and not known to Control yet.</summary>
    private sealed record Move(ulong Batch, uint[] From, uint[] To)
    {
        /// <summary>Null: of an earlier life, and in the index.</summary>
        public FreshBatch? Fresh { get; init; }

        public bool IsIndexed { get; init; }
    }

    /// <param name="Lease">That it was sealed under.</param>
    private sealed record FreshBatch(HeldLease Lease, ResealedPack Pack, CommittedBatch Batch);
}
