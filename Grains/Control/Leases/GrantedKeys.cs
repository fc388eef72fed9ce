using System.Numerics;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// Which keys each purpose gets: exactly those of the table in docs/formats/lease.md, and no other. Puts them into the
/// list it is given, which the caller disposes of; answers the state that follows.
/// </summary>
internal sealed class GrantedKeys(KeyRing ring, IRandom random, List<LeasedKey> keys)
{
    public void Queue(IReadOnlyList<QueueKey> queueKeys)
    {
        foreach (var key in queueKeys)
            keys.Add(new(LeasedKeyKind.QueuePrivate, key.Week, 0, 0, 0, 0, 0, QueueKeysGrain.Open(ring, key)));
    }

    public void Partition(IEnumerable<PartitionKey> partitionKeys)
    {
        foreach (var key in partitionKeys)
            keys.Add(new(
                LeasedKeyKind.Partition, key.Version, 0, 0, 0, 0, 0, PartitionKeysGrain.Open(ring, key)));
    }

    /// <summary>An unused subtree of each part, which is allocated to <paramref name="lease"/>.</summary>
    public LeaseState Ingest(LeaseState state, LeaseRequest request, Guid lease, int leavesLog2)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        state = tenant.WithAuditKey(state);
        foreach (var target in request.Targets)
        {
            if (state.Ledger.Find(target) is { Ended: true } && state.Newest(target.Class, target.Epoch) is null)
                throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the part has ended");
            var part = state.Newest(target.Class, target.Epoch) ?? tenant.NewPart(RefuseNewGeneration(target));
            var size = state.Ledger.Find(part.Target)?.NextLeavesLog2(leavesLog2) ?? leavesLog2;
            state = Allocate(state.Replace(part), tenant, part, lease, size);
            keys.AddRange(tenant.Index(part));
            keys.Add(tenant.Identity(part));
        }
        keys.Add(TenantKeys.AuditPublic(state));
        return state;
    }

    /// <summary>
    /// Without a job only what no index holds yet. For a re-seal also a subtree of the fresh tree, for each part, as large
    /// as what is asked for. Then too what was erased is left out.
    /// </summary>
    public LeaseState Maintain(LeaseState state, LeaseRequest request, LeaseBasis basis, Guid lease)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            if (request.Job is null && IsForgotten(state, target)) continue; // erased, all of it
            var part = PartOf(state, target);
            var reseal = basis.JobPurpose == JobPurpose.ReSeal;
            state.Ledger.CheckLeaves(target, onlyUnindexed: request.Job is null);
            tenant.AddLeaves(part, target.Leaves, keys, skipErased: reseal || request.Job is null);
            keys.AddRange(tenant.Index(part));
            keys.Add(tenant.Identity(part));
            if (reseal) state = Allocate(state, tenant, FreshTreeOf(state, part), lease, Log2Of(target), forReseal: true);
        }
        return state;
    }

    /// <summary>
    /// The index keys of parts of which something was erased, and nothing else: while the index still holds what was
    /// erased, or lies under an older key.
    /// </summary>
    public void IndexToRewrite(LeaseState state, LeaseRequest request)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            var part = state.Newest(target.Class, target.Epoch) ?? throw NoSuchPart();
            if (part.PreviousIndex is null && state.IndexIsClean(target.Class, target.Epoch))
                throw new LeaseRefusedException(LeaseRefusal.NotFound, "nothing was erased that the index may hold");
            keys.AddRange(tenant.Index(part));
        }
    }

    /// <summary>
    /// The index is the same whatever tree a part has by now. A part that has ended has none: it is left out, for a
    /// search goes over all parts there ever were.
    /// </summary>
    public void Search(LeaseState state, LeaseRequest request)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            if (state.Newest(target.Class, target.Epoch) is { } part) keys.AddRange(tenant.Index(part));
            else if (state.Ledger.Find(target) is not { Ended: true }) throw NoSuchPart();
        }
    }

    /// <summary>Read and export: exactly the leaves listed.</summary>
    public void Leaves(LeaseState state, LeaseRequest request)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            state.Ledger.CheckLeaves(target, onlyUnindexed: false);
            tenant.AddLeaves(PartOf(state, target), target.Leaves, keys);
        }
    }

    public void Audit(LeaseState state)
    {
        // A tenant from before there were any gets its audit key with the next ingest lease.
        if (state.AuditKey is null)
            throw new LeaseRefusedException(LeaseRefusal.NotFound, "nothing has been recorded for the tenant yet");
        using var tenant = TenantKeys.Open(ring, state, random);
        keys.Add(tenant.AuditPrivate(state));
    }

    private static bool IsForgotten(LeaseState state, LeaseTarget target) =>
        state.Find(target) is null && state.Ledger.Find(target) is { Ended: true };

    /// <summary>Of the smallest subtree with a leaf for each of the target's.</summary>
    private static int Log2Of(LeaseTarget target) =>
        BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)target.Leaves.Length));

    private LeaseState Allocate(
        LeaseState state, TenantKeys tenant, PartKeys part, Guid lease, int leavesLog2, bool forReseal = false)
    {
        var ledger = state.Ledger.Allocate(part.Target, leavesLog2, lease, forReseal);
        keys.Add(tenant.Subtree(part, ledger.Find(part.Target)!.Subtrees[^1]));
        return state with { Ledger = ledger };
    }

    private static PartKeys FreshTreeOf(LeaseState state, PartKeys old) =>
        state.Newest(old.Class, old.Epoch) is { IsReseal: true } fresh && fresh.Generation == old.Generation + 1
            ? fresh
            : throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "no re-seal of the part is under way");

    private static PartKeys PartOf(LeaseState state, LeaseTarget target) =>
        state.Find(target) ?? throw NoSuchPart();

    private static LeaseRefusedException NoSuchPart() => new(LeaseRefusal.NotFound, "no such part");

    private static LeaseTarget RefuseNewGeneration(LeaseTarget target) => target.Generation == 0
        ? target
        : throw new LeaseRefusedException(LeaseRefusal.Invalid, "the part has no such generation of keys");
}
