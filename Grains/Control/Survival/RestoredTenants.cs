using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// What a tenant's state becomes once Control was restored: everything erased since the backup is erased again, earlier
/// leases are dead, and fences and leaves go on above all that were ever given out.
/// </summary>
public sealed class RestoredTenants(KeyRing ring, IErasureReplay replay, IRandom random)
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
        using var keys = TenantKeys.Open(ring, state, random);
        await foreach (var leaf in replay.ErasedAsync(new(state.Tenant!.Value), cancel))
            state = EraseAgain(state, keys, leaf);
        return state;
    }

    /// <summary>
    /// A re-sealed record's leaf says where it lives now; the old tree goes with the leaf that destroys its epoch.
    /// </summary>
    private static LeaseState EraseAgain(LeaseState state, TenantKeys keys, LogLeaf leaf)
    {
        var part = state.Find(new LeaseTarget(leaf.Class, leaf.Epoch, leaf.TreeGeneration, []));
        if (part is null) return state;
        return leaf.Type switch
        {
            LeafType.Punctured => state.Replace(keys.Puncture(part, leaf.Leaf, 1)),
            LeafType.EpochDestroyed => state with { Keys = [.. state.Keys.Where(other => other != part)] },
            _ => state,
        };
    }
}
