using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;

namespace AMA.Grains.Control.Shredding;

/// <summary>
/// What erasure does to a tenant's keys (crypto.md §9). Every step answers the next state, or the same object when it
/// was done before: so each may be taken again after a crash. Throws <see cref="LeaseRefusedException"/>.
/// </summary>
public sealed partial class ShreddingDesk(KeyRing ring, IRandom random, TimeProvider time)
{
    private const int SecondsPerDay = 86_400;

    private int Today => (int)(time.GetUtcNow().ToUnixTimeSeconds() / SecondsPerDay);

    /// <summary>Erases leaves; the part's index key is replaced once the day is over. Refuses leaves under a hold.</summary>
    internal LeaseState Puncture(LeaseState state, LeaseTarget target)
    {
        if (state.Find(target) is not { } part) return EndedOr(state, target);
        var held = HeldLeaves(state, target);
        foreach (var leaf in target.Leaves)
        {
            if (held.Contains(leaf))
                throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, $"leaf {leaf} is under a legal hold");
            RefuseNeverGiven(state, target, leaf);
        }
        return Puncture(state, part, target.Leaves);
    }

    /// <summary>
    /// What the archive's log says was to be erased, in a restored state. That does not know every leaf that was given
    /// out since; and an intent stands in the log also when a hold then prevented it.
    /// </summary>
    internal LeaseState PunctureAgain(LeaseState state, LeaseTarget target) =>
        state.Find(target) is { } part ? Puncture(state, part, target.Leaves.Except(HeldLeaves(state, target))) : state;

    /// <summary>Forgets every key of an expired part, but for the leaves that are held.</summary>
    internal LeaseState EndPart(LeaseState state, ushort retentionClass, uint epoch)
    {
        var parts = state.Keys.Where(keys => keys.Class == retentionClass && keys.Epoch == epoch).ToArray();
        var ledger = state.Ledger.EndPart(new(retentionClass, epoch, 0, []));
        foreach (var part in parts) ledger = ledger.EndPart(part.Target);
        if (!ReferenceEquals(ledger, state.Ledger)) state = state with { Ledger = ledger };
        return parts.Aggregate(state, EndTree);
    }

    /// <summary>
    /// In a restored state. Of a part that was sealed anew only the tree that the log names: what lives is in the next.
    /// </summary>
    internal LeaseState EndAgain(LeaseState state, LeaseTarget target) =>
        state.Newest(target.Class, target.Epoch) is { } newest && newest.Generation > target.Generation
            ? state.Find(target) is { } old ? EndTree(state, old) : state
            : EndPart(state, target.Class, target.Epoch);

    /// <summary>These leaves outlive their part, and are not punctured, until they are let go.</summary>
    internal LeaseState Hold(LeaseState state, LeaseTarget target)
    {
        var held = HeldLeaves(state, target);
        if (target.Leaves.All(held.Contains)) return state;
        RefuseUnknown(state, target);
        return WithHolds(state, target, held.Union(target.Leaves));
    }

    /// <summary>A hold that keeps nothing must not look like one that does.</summary>
    private void RefuseUnknown(LeaseState state, LeaseTarget target)
    {
        if (state.Find(target) is not { } part) throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such part");
        using var keys = TenantKeys.Open(ring, state, random);
        var there = keys.HeldOf(part, target.Leaves);
        foreach (var leaf in target.Leaves)
        {
            RefuseNeverGiven(state, target, leaf);
            if (!there.Contains(leaf)) throw new LeaseRefusedException(LeaseRefusal.NotFound, $"leaf {leaf} was erased");
        }
    }

    /// <summary>
    /// What the archive's log says was held, in a restored state, which may not know the leaf: nothing is lost by it.
    /// </summary>
    internal LeaseState HoldAgain(LeaseState state, LeaseTarget target)
    {
        var held = HeldLeaves(state, target);
        return target.Leaves.All(held.Contains) ? state : WithHolds(state, target, held.Union(target.Leaves));
    }

    /// <summary>Of a part that has ended, what is let go is erased at once.</summary>
    internal LeaseState LetGo(LeaseState state, LeaseTarget target)
    {
        var held = HeldLeaves(state, target);
        if (!target.Leaves.Any(held.Contains)) return state;
        state = WithHolds(state, target, held.Except(target.Leaves));
        var isOver = state.Newest(target.Class, target.Epoch) is { } newest && newest.Generation == target.Generation
            && state.Ledger.Find(target) is { Ended: true };
        return isOver ? EndTree(state, state.Find(target)!) : state;
    }

    /// <summary>
    /// A new index key for each part that was punctured on a day that is over, and whose index is not still being
    /// rewritten under the last one. All trees of a part share one index, so they share its key.
    /// </summary>
    internal LeaseState TurnIndexKeys(LeaseState state)
    {
        var due = state.Keys.GroupBy(part => (part.Class, part.Epoch))
            .Where(part => part.Any(keys => keys.PuncturedDay < Today) && part.All(keys => keys.PreviousIndex is null))
            .ToArray();
        if (due.Length == 0) return state;
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var part in due)
        {
            var next = tenant.NextIndex(part.MaxBy(keys => keys.Generation)!);
            foreach (var keys in part) state = state.Replace(WithIndexOf(keys, next) with { PuncturedDay = null });
        }
        return state;
    }

    /// <summary>Destroys the index keys that the writer says no file needs any more.</summary>
    internal LeaseState Rewritten(LeaseState state, IEnumerable<IngestReport> reports)
    {
        foreach (var report in reports.Where(report => report.OldestIndexVersion > 0))
        {
            var done = state.Keys.Where(keys => keys.Class == report.Class && keys.Epoch == report.Epoch
                && keys.PreviousIndex is not null && keys.IndexVersion == report.OldestIndexVersion);
            foreach (var keys in done.ToArray())
                state = state.Replace(keys with { PreviousIndex = null, PreviousIndexVersion = 0 });
        }
        return state;
    }

    private static PartKeys WithIndexOf(PartKeys keys, PartKeys other) => keys with
    {
        Index = other.Index, IndexVersion = other.IndexVersion, PreviousIndex = other.PreviousIndex,
        PreviousIndexVersion = other.PreviousIndexVersion,
    };

    private LeaseState Puncture(LeaseState state, PartKeys part, IEnumerable<uint> leaves)
    {
        using var keys = TenantKeys.Open(ring, state, random);
        var punctured = keys.Puncture(part, leaves);
        return ReferenceEquals(punctured, part) ? state : state.Replace(punctured with { PuncturedDay = Today });
    }

    private LeaseState EndTree(LeaseState state, PartKeys part)
    {
        var held = HeldLeaves(state, part.Target);
        return held.Count == 0 ? state.Without(part) : KeepOnly(state, part, held);
    }

    private LeaseState KeepOnly(LeaseState state, PartKeys part, IReadOnlySet<uint> held)
    {
        using var keys = TenantKeys.Open(ring, state, random);
        return state.Replace(keys.KeepOnly(part, held) with { PuncturedDay = Today });
    }

    private static void RefuseNeverGiven(LeaseState state, LeaseTarget target, uint leaf)
    {
        if (state.Ledger.Find(target)?.Holding(leaf) is null)
            throw new LeaseRefusedException(LeaseRefusal.NotFound, $"leaf {leaf} was never given out");
    }

    /// <summary>What is gone is erased; what never was is a fault of the order.</summary>
    private static LeaseState EndedOr(LeaseState state, LeaseTarget target) =>
        state.Ledger.Find(target) is { Ended: true }
            ? state
            : throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such part");

    private static HashSet<uint> HeldLeaves(LeaseState state, LeaseTarget target) => state.Holds
        .Where(hold => Same(hold, target)).SelectMany(hold => hold.Leaves).ToHashSet();

    private static LeaseState WithHolds(LeaseState state, LeaseTarget target, IEnumerable<uint> leaves)
    {
        uint[] sorted = [.. leaves.Order()];
        var others = state.Holds.Where(hold => !Same(hold, target));
        return state with { Holds = sorted.Length == 0 ? [.. others] : [.. others, target with { Leaves = sorted }] };
    }

    private static bool Same(LeaseTarget a, LeaseTarget b) =>
        a.Class == b.Class && a.Epoch == b.Epoch && a.Generation == b.Generation;
}
