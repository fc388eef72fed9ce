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
/// <param name="stop">
/// Whoever runs it has ended: another one may be at work. What the log was not told yet it is not told any more.
/// </param>
public sealed partial class PartReseal(
    ResealParts parts, RetentionPart part, ResealTask task, ulong firstBatch, CancellationToken stop) : IAsyncDisposable
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
    private ulong _newestBatch;
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
        stop.ThrowIfCancellationRequested();
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
        // Without a report: what the log names under it must not be erased.
        if (_move?.Fresh is { } fresh) await parts.Leases.ReleaseAsync(fresh.Lease);
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
        (Passed, _newestBatch) = (position.Passed, position.NewestBatch);
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
        _move = new(position.LastBatch, position.From, position.To);
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
}
