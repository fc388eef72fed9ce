using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// What follows from a request: the state to be made durable, and the answer to be given once that and the audit
/// record are. Pure but for randomness; throws <see cref="LeaseRefusedException"/>.
/// </summary>
public sealed class LeaseDesk(
    KeyRing ring, ControlOptions options, ShreddingDesk shredding, IRandom random, TimeProvider time)
{
    private const int RenewalsPerTtl = 3;
    private const int JitterPercent = 10;

    internal TimeProvider Time => time;

    internal int RegionTtlSeconds => options.LeaseTtlSeconds;

    /// <summary>Null: nothing to do.</summary>
    internal LeaseState? Rewrap(LeaseState state, bool newKey) => newKey
        ? TenantKeys.Renewed(ring, state, random)
        : TenantKeys.UnderNewestRoot(ring, state, random);

    /// <summary>Nothing of it was erased before the last restore: it was not there.</summary>
    internal LeaseState NewTenant(Guid tenant) =>
        TenantKeys.Create(ring, tenant, random) with { RestoreGeneration = ring.RestoreGeneration };

    internal LeaseOffer Grant(LeaseState state, LeaseRequest request, LeaseBasis basis)
    {
        var keys = new List<LeasedKey>();
        try
        {
            return Grant(state, request, basis, keys);
        }
        catch
        {
            keys.ForEach(key => key.Dispose());
            throw;
        }
    }

    internal LeaseOffer Renew(LeaseState state, LeaseRequest request)
    {
        var now = time.GetUtcNow();
        var lease = state.Ledger.Live(request, now);
        var ledger = state.Ledger.Report(lease, request.Reports).Renew(lease, Ttl(state, request, lease.NotAfter), now);
        var next = shredding.Rewritten(state with { Ledger = ledger }, request.Reports);
        return Offer(next, request, ledger.Find(lease.Id), []);
    }

    /// <summary>The state after the lease has ended, with the leaves it leaves unused erased.</summary>
    internal LeaseState Release(LeaseState state, LeaseRequest request)
    {
        var lease = state.Ledger.Own(request);
        var reported = state.Ledger.Report(lease, request.Reports);
        var ledger = reported.Close(lease, request.Reports, out var freed).End(lease);
        var next = shredding.Rewritten(state with { Ledger = ledger }, request.Reports);
        if (freed.Length == 0) return next;
        using var keys = TenantKeys.Open(ring, state, random);
        foreach (var leaves in freed)
        {
            var target = new LeaseTarget(leaves.Part.Class, leaves.Part.Epoch, leaves.Part.Generation, []);
            if (next.Find(target) is not { } part) continue; // destroyed
            next = next.Replace(keys.Puncture(part, ButHeld(next, target, leaves)));
        }
        return next;
    }

    /// <summary>Whatever its holder says of it, a held leaf is used.</summary>
    private static IEnumerable<ResealLeft> ButHeld(LeaseState state, LeaseTarget target, FreedLeaves freed)
    {
        ulong from = freed.FirstLeaf, end = from + freed.Count;
        var held = state.Holds.Where(hold => hold with { Leaves = target.Leaves } == target)
            .SelectMany(hold => hold.Leaves).Where(leaf => leaf >= from && leaf < end).Order().ToArray();
        foreach (var leaf in held)
        {
            if (leaf > from) yield return new((uint)from, (uint)(leaf - from));
            from = leaf + 1UL;
        }
        if (from < end) yield return new((uint)from, (uint)(end - from));
    }

    /// <summary>The answer's bytes: keys sealed to the silo, everything signed.</summary>
    internal byte[] Sign(LeaseOffer offer, LeaseRequest request, byte[] signedRequest)
    {
        var grant = offer.Keys.Count == 0
            ? offer.Grant
            : LeaseSeal.SealKeys(offer.Grant, signedRequest, request.KemPublicKey, offer.Keys, random);
        return grant.Sign(ring.Signing);
    }

    private LeaseOffer Grant(LeaseState state, LeaseRequest request, LeaseBasis basis, List<LeasedKey> keys)
    {
        var granted = new GrantedKeys(ring, random, keys);
        switch (request.Purpose)
        {
            case LeasePurpose.Ingest:
                return GrantIngest(state, request, granted, keys);
            case LeasePurpose.Queue:
                granted.Queue(basis.QueueKeys);
                return Open(state, request, basis, keys);
            case LeasePurpose.Maintain:
                return GrantMaintain(state, request, basis, granted, keys);
            case LeasePurpose.Partition:
                granted.Partition(basis.PartitionKeys);
                break;
            case LeasePurpose.Search:
                granted.Search(state, request);
                break;
            case LeasePurpose.Read or LeasePurpose.Export:
                granted.Leaves(state, request);
                break;
            case LeasePurpose.Audit:
                granted.Audit(state);
                break;
            default:
                throw new LeaseRefusedException(LeaseRefusal.Invalid, "a purpose that gets no keys");
        }
        return Offer(state, request, Passing(state, request, basis), keys);
    }

    private LeaseOffer GrantIngest(LeaseState state, LeaseRequest request, GrantedKeys granted, List<LeasedKey> keys)
    {
        var now = time.GetUtcNow();
        foreach (var target in request.Targets) LeaseRules.CheckIngestPart(target, now);
        var extended = request.LeaseId is null ? null : state.Ledger.Live(request, now);
        var id = extended?.Id ?? random.NextId();
        var ledger = extended is null
            ? state.Ledger.Open(id, request, Ttl(state, request, null), now, null)
            : state.Ledger.Hear(extended);
        state = state with { Ledger = ledger };
        state = granted.Ingest(shredding.TurnIndexKeys(state), request, id, options.SubtreeLeavesLog2);
        return Offer(state, request, state.Ledger.Find(id), keys);
    }

    private LeaseOffer GrantMaintain(
        LeaseState state, LeaseRequest request, LeaseBasis basis, GrantedKeys granted, List<LeasedKey> keys)
    {
        var id = random.NextId();
        var ttl = Ttl(state, request, basis.NotAfter);
        state = state with { Ledger = state.Ledger.Open(id, request, ttl, time.GetUtcNow(), basis.NotAfter) };
        if (request.Targets.All(target => target.Leaves.Length == 0))
        {
            granted.IndexToRewrite(state = shredding.TurnIndexKeys(state), request);
            return Offer(state, request, state.Ledger.Find(id), keys);
        }
        state = granted.Maintain(state, request, basis, id);
        return Offer(state, request, state.Ledger.Find(id), keys);
    }

    /// <summary>For a person: kept nowhere, since it is asked for anew instead of renewed.</summary>
    private LeaseEntry Passing(LeaseState state, LeaseRequest request, LeaseBasis basis)
    {
        var now = time.GetUtcNow();
        return new(
            random.NextId(), request.SiloId, request.Incarnation, request.Purpose, 0, now,
            now.AddSeconds(Ttl(state, request, basis.NotAfter)), basis.NotAfter);
    }

    private LeaseOffer Open(LeaseState state, LeaseRequest request, LeaseBasis basis, List<LeasedKey> keys)
    {
        var id = random.NextId();
        var ttl = Ttl(state, request, basis.NotAfter);
        var ledger = state.Ledger.Open(id, request, ttl, time.GetUtcNow(), basis.NotAfter);
        return Offer(state with { Ledger = ledger }, request, ledger.Find(id), keys);
    }

    private LeaseOffer Offer(LeaseState next, LeaseRequest request, LeaseEntry lease, IReadOnlyList<LeasedKey> keys)
    {
        var ttl = (int)(lease.ExpiresAt - time.GetUtcNow()).TotalSeconds;
        var renewable = LeaseRules.IsRenewable(request.Purpose);
        var grant = new LeaseGrant(
            lease.Id, request.Tenant, request.SiloId, request.Purpose, lease.Fence, ttl,
            renewable ? RenewAfter(ttl) : 0, renewable ? LeaseLimits.MaxAgeSeconds : ttl, request.Nonce, request.Suite,
            [], []);
        return new(next, grant, keys);
    }

    /// <summary>The least of what is wanted, what the tenant and the region allow, and what its job has left.</summary>
    private int Ttl(LeaseState state, LeaseRequest request, DateTimeOffset? notAfter)
    {
        var ttl = Math.Min(request.TtlSeconds, Math.Min(state.TtlSeconds ?? int.MaxValue, options.LeaseTtlSeconds));
        if (notAfter is not { } end) return ttl;
        var left = (end - time.GetUtcNow()).TotalSeconds;
        return left >= LeaseLimits.TtlSecondsMin
            ? (int)Math.Min(ttl, left)
            : throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "what it is for has ended, or is about to");
    }

    /// <summary>A third of the ttl, ±10 %, so that silos that started together don't come back together.</summary>
    private int RenewAfter(int ttl)
    {
        var percent = 100 - JitterPercent + random.NextBytes(1)[0] % (2 * JitterPercent + 1);
        return Math.Max(1, ttl * percent / (100 * RenewalsPerTtl));
    }
}
