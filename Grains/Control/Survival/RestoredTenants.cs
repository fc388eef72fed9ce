using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Shredding;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// What a tenant's state becomes once Control was restored: everything erased since the backup is erased again, earlier
/// leases are dead, and fences and leaves go on above all that were ever given out.
/// </summary>
public sealed class RestoredTenants(KeyRing ring, IErasureReplay replay, ShreddingDesk desk)
{
    /// <summary>Null: the state has lived through every restore already.</summary>
    public async Task<LeaseState?> CatchUpAsync(LeaseState state, CancellationToken cancel)
    {
        var generation = ring.RestoreGeneration;
        if (state.RestoreGeneration >= generation) return null;
        if (state.Tenant is not null) state = await EraseAgainAsync(state, cancel);
        return state with { RestoreGeneration = generation, Ledger = state.Ledger.Restored(generation) };
    }

    private async Task<LeaseState> EraseAgainAsync(LeaseState state, CancellationToken cancel)
    {
        var known = new KnownLeaves(state.Ledger);
        await foreach (var leaf in replay.LeavesAsync(new(state.Tenant!.Value), cancel))
        {
            known.See(leaf);
            state = EraseAgain(state, leaf);
        }
        known.RefuseMissing();
        return state;
    }

    /// <summary>
    /// By the same steps as when it was ordered, so that a legal hold counts as it did then. A re-sealed record's leaf
    /// says where it lives now; the old tree goes with the leaf that destroys its epoch.
    /// </summary>
    private LeaseState EraseAgain(LeaseState state, LogLeaf leaf)
    {
        var target = new LeaseTarget(leaf.Class, leaf.Epoch, leaf.TreeGeneration, [leaf.Leaf]);
        return leaf.Type switch
        {
            LeafType.Hold => desk.Hold(state, target),
            LeafType.HoldOff => desk.LetGo(state, target),
            LeafType.Punctured => desk.PunctureAgain(state, target),
            LeafType.EpochDestroyed => desk.EndAgain(state, target),
            _ => state,
        };
    }
}
