using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Leases;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Shredding;

/// <remarks>A part is sealed anew: what lives moves from its old tree to a fresh one, then the old one is forgotten.</remarks>
public sealed partial class ShreddingDesk
{
    /// <summary>
    /// A fresh tree for the part, from which everything is sealed from now on. The old one opens what is there, for
    /// re-seal jobs, until <see cref="EndReseal"/>.
    /// </summary>
    internal LeaseState BeginReseal(LeaseState state, LeaseTarget target)
    {
        if (state.Find(target) is not { } part) return EndedOr(state, target);
        if (state.Newest(part.Class, part.Epoch) is { } newest && newest.Generation > part.Generation) return state;
        RefuseEnded(state, target);
        using var keys = TenantKeys.Open(ring, state, random);
        return state.Replace(keys.NextGeneration(part)) with { Ledger = state.Ledger.EndPart(target) };
    }

    /// <summary>
    /// Leaves whose mail lies under <paramref name="fresh"/> leaves of the next tree by now: they are erased, and a hold
    /// on one moves to its new leaf in the same step. What was erased before it could be moved is erased under its new
    /// leaf, too; an old leaf whose new one was erased stays as it is.
    /// </summary>
    internal LeaseState MoveLeaves(LeaseState state, LeaseTarget target, uint[] fresh)
    {
        if (state.Find(target) is not { } old) return EndedOr(state, target);
        var next = FreshTreeOf(state, old);
        using var keys = TenantKeys.Open(ring, state, random);
        var left = keys.HeldOf(old, target.Leaves);
        var pairs = target.Leaves.Zip(fresh, (From, To) => (From, To)).Where(move => left.Contains(move.From)).ToArray();
        foreach (var (from, to) in pairs)
        {
            RefuseNeverGiven(state, target, from);
            RefuseNeverGiven(state, next.Target, to);
        }
        var there = keys.HeldOf(next, fresh);
        // What a new leaf held that is gone is only under the old one: that stays, and is sealed anew once more.
        var moves = Array.FindAll(pairs, move => there.Contains(move.To));
        var late = target.Leaves.Zip(fresh, (From, To) => (From, To))
            .Where(move => !left.Contains(move.From) && there.Contains(move.To) && IsUnspent(state, next, move.To))
            .Select(move => move.To).ToArray();
        if (moves.Length + late.Length == 0) return state;
        if (moves.Length > 0) state = state.Replace(keys.Puncture(old, moves.Select(move => move.From)));
        if (late.Length > 0) state = state.Replace(keys.Puncture(next, late) with { PuncturedDay = Today });
        state = state with { Ledger = state.Ledger.Spend(next.Target, fresh) };
        return WithHoldsMoved(state, target, next, moves);
    }

    /// <summary>What writers were given of the old tree and it still opens, in order.</summary>
    internal ResealLeft[] LeftOf(LeaseState state, LeaseTarget target)
    {
        if (state.Find(target) is not { } old) return [];
        using var keys = TenantKeys.Open(ring, state, random);
        return keys.RangesHeldOf(old, state.Ledger.Find(target)?.Subtrees ?? [], LeaseLimits.RangesMax);
    }

    /// <summary>Erases leaves of the old tree that the tenant's log has nothing under. Refuses held ones.</summary>
    internal LeaseState GiveUp(LeaseState state, LeaseTarget target, ResealLeft[] ranges)
    {
        if (state.Find(target) is not { } old) return EndedOr(state, target);
        FreshTreeOf(state, old);
        foreach (var held in HeldLeaves(state, target))
            if (Array.Exists(ranges, range => new LeafRange(range.First, range.Count).Covers(held)))
                throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, $"leaf {held} is under a legal hold");
        using var keys = TenantKeys.Open(ring, state, random);
        return state.Replace(keys.Puncture(old, ranges));
    }

    /// <summary>
    /// The old tree is forgotten. Refused while it has a leaf that mail may lie under: each must have been moved, erased
    /// or given up, before. Of the fresh tree nothing is left open that a re-seal took and did not fill.
    /// </summary>
    internal LeaseState EndReseal(LeaseState state, LeaseTarget target)
    {
        if (state.Find(target) is not { } old) return EndedOr(state, target);
        var fresh = FreshTreeOf(state, old);
        using var keys = TenantKeys.Open(ring, state, random);
        if (keys.FirstHeldOf(old, state.Ledger.Find(target)?.Subtrees ?? []) is { } left)
            throw new LeaseRefusedException(
                LeaseRefusal.NotAuthorised,
                $"the old tree still opens leaves from {left.FirstLeaf} on that were neither moved nor erased");
        var ledger = state.Ledger.CloseReseal(fresh.Target, out var freed);
        if (freed.Length > 0)
            fresh = keys.Puncture(fresh, [.. freed.Select(range => new ResealLeft(range.First, range.Count))]);
        // The index key may have leaked with the tree: it is turned as after an erasure.
        return state.Without(old).Replace(fresh with { IsReseal = false, PuncturedDay = Today }) with { Ledger = ledger };
    }

    /// <summary>What a re-seal put there was not known to be moved: its batch was committed just now.</summary>
    private static bool IsUnspent(LeaseState state, PartKeys next, uint leaf) =>
        state.Ledger.Find(next.Target)?.Holding(leaf) is { ForReseal: true } subtree
        && leaf - subtree.FirstLeaf >= subtree.Used;

    private static void RefuseEnded(LeaseState state, LeaseTarget target)
    {
        if (state.Ledger.Find(target) is { Ended: true })
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the part has ended");
    }

    private static PartKeys FreshTreeOf(LeaseState state, PartKeys old) =>
        state.Find(old.Target with { Generation = old.Generation + 1 }) is { IsReseal: true } fresh
            ? fresh
            : throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "no re-seal of the part is under way");

    private static LeaseState WithHoldsMoved(
        LeaseState state, LeaseTarget old, PartKeys next, IReadOnlyList<(uint From, uint To)> moves)
    {
        var held = HeldLeaves(state, old);
        var moved = moves.Where(move => held.Contains(move.From)).ToArray();
        if (moved.Length == 0) return state;
        state = WithHolds(state, old, held.Except(moved.Select(move => move.From)));
        return WithHolds(state, next.Target, HeldLeaves(state, next.Target).Union(moved.Select(move => move.To)));
    }
}
