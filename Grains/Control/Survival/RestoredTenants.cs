using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// What a tenant's state becomes once Control was restored: everything erased since the backup is erased again, earlier
/// leases are dead, and fences and leaves go on above all that were ever given out. Until then nothing is leased.
/// </summary>
public sealed class RestoredTenants(KeyRing ring, ShreddingDesk desk, ReplayBoard board)
{
    /// <summary>The region's own state, which has no log to read. Null: nothing to do, or a tenant's.</summary>
    public LeaseState? CatchUp(LeaseState state) => IsBehind(state) && state.Tenant is null ? Restored(state) : null;

    /// <summary>Throws <see cref="ControlException"/> (Unavailable) while the tenant's erasures are not replayed.</summary>
    public void RefuseWaiting(LeaseState state)
    {
        if (state.Tenant is { } tenant && IsBehind(state))
            throw new ControlException(
                ControlRefusal.Unavailable,
                "Control was restored, and this tenant waits until what was erased since is erased again"
                + $"{board.TextOf(tenant)}; try again.");
    }

    /// <summary>Null: nothing is to be replayed.</summary>
    public ReplayStart? Begin(LeaseState state)
    {
        if (!IsBehind(state)) return null;
        var isUsed = KnownLeaves.IsUsed(state.Ledger);
        return state.Replay is { } begun && begun.Generation == ring.RestoreGeneration
            ? new(begun.Number, begun.Hash, begun.Unseen, isUsed)
            : new(0, LogLeaf.NoHash, KnownLeaves.Of(state.Ledger), isUsed);
    }

    /// <summary>Null: the state has lived through every restore already.</summary>
    public LeaseState? Replay(LeaseState state, ReplayPiece piece)
    {
        if (!IsBehind(state)) return null;
        state = piece.Leaves.Aggregate(state, EraseAgain);
        return piece.IsLast
            ? Restored(state)
            : state with { Replay = new(ring.RestoreGeneration, piece.Number, piece.Hash, piece.Unseen) };
    }

    private bool IsBehind(LeaseState state) => state.RestoreGeneration < ring.RestoreGeneration;

    private LeaseState Restored(LeaseState state) => state with
    {
        RestoreGeneration = ring.RestoreGeneration, Ledger = state.Ledger.Restored(ring.RestoreGeneration), Replay = null,
    };

    /// <summary>
    /// By the same steps as when it was ordered, so that a legal hold counts as it did then. A re-sealed record's leaf
    /// says where it lives now; the old tree goes with the leaf that destroys its epoch.
    /// </summary>
    private LeaseState EraseAgain(LeaseState state, ReplayedLeaf leaf)
    {
        var target = new LeaseTarget(leaf.Class, leaf.Epoch, leaf.Generation, [leaf.Leaf]);
        return leaf.Type switch
        {
            LeafType.Hold => desk.HoldAgain(state, target),
            LeafType.HoldOff => desk.LetGo(state, target),
            LeafType.Punctured => desk.PunctureAgain(state, target),
            LeafType.EpochDestroyed when leaf.IsWholePart => desk.EndPart(state, leaf.Class, leaf.Epoch),
            LeafType.EpochDestroyed => desk.EndAgain(state, target),
            _ => state,
        };
    }
}
