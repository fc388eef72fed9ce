using AMA.Archive.Keys.Leases;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Erasure;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Archive.Reseal;

/// <summary>What every re-seal of a silo works with.</summary>
public sealed record ResealParts(
    ResealOrders Orders, ErasureOrders Erasures, LeaseClient Leases, ResealRoom Room, StorePair Stores,
    SiloFeed<IndexBatch> Feed, IGrainFactory Grains, TimeProvider Time);

public enum ResealStep
{
    /// <summary>Go on at once.</summary>
    More,
    /// <summary>Something else must happen first; again in a while.</summary>
    Wait,
    /// <summary>The old tree is forgotten.</summary>
    Done,
}

/// <summary>
/// One part, from its old tree to the fresh one: docs/erasure.md, "Sealing a part anew". What it knows it has from the
/// log and from Control; after a fault or a crash another one goes on where the log says. One caller at a time.
/// </summary>
public sealed class PartReseal(ResealParts parts, RetentionPart part, ResealTask task, ulong firstBatch) : IAsyncDisposable
{
    /// <summary>Sealed bytes of one pack, unless a single message is larger: what is in memory at once.</summary>
    private const long PackBytesMax = 8 << 20;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly IArchiveGrain _archive = parts.Grains.GetGrain<IArchiveGrain>(part.Tenant.ToString());
    private ResealTrees _trees;
    private ResealLog _log = null!;
    private IAsyncEnumerator<OldLeaf>? _leaves;
    private List<OldMessage> _taken = [];
    private OldMessage? _ahead;
    private PackReader? _pack;
    private Guid _packId;
    private Move? _move;
    private bool _begun;
    private bool _isLevel;
    private bool _allSeen;
    private long _minuteAt;
    private int _minuteLeaves;

    public RetentionPart Part => part;

    /// <summary>Leaves of the old tree that are done with, in this job or one before.</summary>
    public long Passed { get; private set; }

    /// <summary>One pack, or one step of the end.</summary>
    public async Task<ResealStep> StepAsync()
    {
        if (!_begun) await BeginAsync();
        if (_move is not null && !await MovedAsync()) return ResealStep.Wait;
        if (_allSeen) return await EndAsync();
        if (_taken.Count == 0) _taken = await NextAsync();
        if (_taken.Count == 0)
        {
            _allSeen = true;
            return ResealStep.More;
        }
        if (!MayOpen(_taken.Count)) return ResealStep.Wait;
        if (!await TrySealAsync(_taken, evenIntended: false)) return ResealStep.More;
        Passed += _taken.Count;
        _taken = [];
        return ResealStep.More;
    }

    public async ValueTask DisposeAsync()
    {
        if (_leaves is not null) await _leaves.DisposeAsync();
        if (_move?.Lease is { } lease) await parts.Leases.ReleaseAsync(lease);
    }

    /// <summary>
    /// The older tree is retired before the log is read: what is committed later lies under the fresh one.
    /// </summary>
    private async Task BeginAsync()
    {
        var end = new ResealLog(parts.Stores, part, default, firstBatch);
        var log = await end.EndAsync((await _archive.Positions()).Committed);
        _trees = await parts.Orders.BeginAsync(part, task.Job, log);
        await _archive.Retire(part.Class, part.Epoch, _trees.Fresh);
        _log = new(parts.Stores, part, _trees, firstBatch);
        var position = await _log.PositionAsync();
        Passed = position.Passed;
        if (position.From.Length > 0) await TakeUpAsync(position);
        _leaves = _log.LeavesAsync(position.Next).GetAsyncEnumerator();
        _begun = true;
    }

    /// <summary>
    /// Of the newest batch nobody knows whether the index holds it, or whether Control has heard of it. The lease is for
    /// the index's key, so one leaf will do; what it allocates is erased again.
    /// </summary>
    private async Task TakeUpAsync(ResealPosition position)
    {
        try
        {
            var lease = await parts.Leases.ResealAsync(part, task.Job, _trees.Old, position.From[..1]);
            _minuteLeaves++;
            try
            {
                await LevelAsync();
            }
            finally
            {
                await GiveBackAsync(lease, 0);
            }
        }
        catch (ArchiveException gone) when (gone.Refusal == ArchiveRefusal.NotFound)
        {
            // The old tree is forgotten: whoever did that came later than the index.
        }
        _move = new(position.LastBatch, position.From, position.To, null);
    }

    /// <summary>The next leaves: as many as fit into one lease and one pack.</summary>
    private async Task<List<OldMessage>> NextAsync()
    {
        var messages = new List<OldMessage>();
        var most = Math.Min(task.LeavesPerMinute, LeaseLimits.MaintainLeavesMax);
        for (var bytes = 0L; messages.Count < most && await PeekAsync() is { } next;)
        {
            var fits = messages.Count == 0 || (bytes + next.Bytes <= PackBytesMax && IsOfPolicy(next, messages[0]));
            if (!fits) break;
            messages.Add(next);
            bytes += next.Bytes;
            _ahead = null;
        }
        return messages;
    }

    private async Task<OldMessage?> PeekAsync()
    {
        if (_ahead is null && await _leaves!.MoveNextAsync()) _ahead = await FindAsync(_leaves.Current);
        return _ahead;
    }

    private async Task<OldMessage> FindAsync(OldLeaf leaf)
    {
        if (_pack is null || _packId != leaf.Pack)
            (_pack, _packId) = (
                await PackReader.OpenAsync(parts.Stores.Primary, PackNames.Of(part, leaf.Pack), default), leaf.Pack);
        return new(leaf, _pack);
    }

    private static bool IsOfPolicy(OldMessage one, OldMessage other) =>
        one.Pack.Header.PolicyHash.AsSpan().SequenceEqual(other.Pack.Header.PolicyHash);

    /// <summary>By the job's rate, so that Control isn't asked for what it would refuse.</summary>
    private bool MayOpen(int count)
    {
        if (parts.Time.GetElapsedTime(_minuteAt) >= Minute || _minuteLeaves == 0)
            (_minuteAt, _minuteLeaves) = (parts.Time.GetTimestamp(), 0);
        if (_minuteLeaves + count > task.LeavesPerMinute) return false;
        _minuteLeaves += count;
        return true;
    }

    /// <summary>
    /// Sealed anew, committed and found under the new place; what was erased is left behind. False: one of them was
    /// ordered to be erased meanwhile, and nothing was committed.
    /// </summary>
    private async Task<bool> TrySealAsync(IReadOnlyList<OldMessage> messages, bool evenIntended)
    {
        var living = evenIntended ? messages : await LivingAsync(messages);
        if (living.Count == 0) return true;
        var lease = await parts.Leases.ResealAsync(
            part, task.Job, _trees.Old, [.. living.Select(message => message.Leaf.Leaf)]);
        try
        {
            await LevelAsync();
            if (await parts.Room.SealAsync(part, _trees, living, lease) is not { } pack) return true;
            if (await CommitAsync(pack, evenIntended) is { } batch)
            {
                await IndexAsync(pack, batch);
                _move = new(
                    batch.Number, [.. pack.Items.Select(item => item.OldLeaf)], [.. pack.Items.Select(item => item.Leaf)],
                    lease);
                return true;
            }
            await parts.Room.DiscardAsync(part, pack.Pack);
            return false;
        }
        finally
        {
            if (_move?.Lease != lease) await GiveBackAsync(lease, 0);
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
        part.Class, part.Epoch, _trees.Old, _trees.Fresh, pack.Pack, pack.Items, evenIntended));

    private async Task IndexAsync(ResealedPack pack, CommittedBatch batch)
    {
        parts.Feed.Put(pack.Pack, pack.Documents);
        await parts.Grains.GetGrain<IIndexGrain>(part.ToString()).Apply(batch.Number, pack.Pack, batch.FirstLeafIndex);
        await _archive.LevelIndex(part.Class, part.Epoch);
    }

    /// <summary>Control erases the old leaves only once the new ones are in Backup, too. False: not yet.</summary>
    private async Task<bool> MovedAsync()
    {
        var move = _move!;
        if ((await _archive.BackUp()).BackedUp <= move.Batch) return false;
        await parts.Orders.MoveAsync(part, task.Job, _trees, await _log.PlaceAsync(move.Batch), move.From, move.To);
        _move = null;
        if (move.Lease is { } lease) await GiveBackAsync(lease, move.To.Length);
        return true;
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

    /// <summary>
    /// What the old tree still opens is compared with the log: mail that lives there is sealed anew after all, all else
    /// was given to writers and never used.
    /// </summary>
    private async Task<ResealStep> EndAsync()
    {
        var left = await parts.Orders.LeftAsync(part, task.Job, _trees);
        if (left.Length > 0) return await LeftAsync(left);
        var batch = await _archive.EndTree(part.Class, part.Epoch, _trees.Old);
        if ((await _archive.BackUp()).BackedUp <= batch) return ResealStep.Wait;
        await parts.Orders.EndAsync(part, task.Job, _trees, await _log.PlaceAsync(batch));
        return ResealStep.Done;
    }

    private async Task<ResealStep> LeftAsync(LeafRange[] left)
    {
        var living = await _log.LivingInAsync(left, Math.Min(task.LeavesPerMinute, LeaseLimits.MaintainLeavesMax));
        if (living.Length == 0)
        {
            var positions = await _archive.BackUp();
            if (positions.BackedUp < positions.Committed) return ResealStep.Wait;
            var log = await _log.EndAsync(positions.Committed);
            await parts.Orders.GiveUpAsync(part, task.Job, _trees, log, left);
            return ResealStep.More;
        }
        // Ordered to be erased, and not erased: either that is still to come, or the order was refused.
        if ((await parts.Erasures.WaitingAsync(part.Tenant)).Length > 0) return ResealStep.Wait;
        var some = await FirstOfAsync(living);
        if (!MayOpen(some.Count)) return ResealStep.Wait;
        await TrySealAsync(some, evenIntended: true);
        return ResealStep.More;
    }

    private async Task<List<OldMessage>> FirstOfAsync(OldLeaf[] leaves)
    {
        var some = new List<OldMessage>();
        foreach (var leaf in leaves)
        {
            var next = await FindAsync(leaf);
            if (some.Count > 0 && (some.Sum(m => m.Bytes) + next.Bytes > PackBytesMax || !IsOfPolicy(next, some[0]))) break;
            some.Add(next);
        }
        return some;
    }

    /// <summary>Committed, and not known to Control yet.</summary>
    /// <param name="Lease">That it was sealed under; null: of an earlier life.</param>
    private sealed record Move(ulong Batch, uint[] From, uint[] To, HeldLease? Lease);
}
