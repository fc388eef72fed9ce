using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// What follows from a request: the state to be made durable, and the answer to be given once that and the audit
/// record are. Pure but for randomness; throws <see cref="LeaseRefusedException"/>.
/// </summary>
public sealed class LeaseDesk(KeyRing ring, ControlOptions options, IRandom random, TimeProvider time)
{
    private const int RenewalsPerTtl = 3;
    private const int JitterPercent = 10;

    internal LeaseState NewTenant(Guid tenant) => TenantKeys.Create(ring, tenant, random);

    /// <param name="queueKeys">For purpose queue; otherwise empty.</param>
    internal LeaseOffer Grant(LeaseState state, LeaseRequest request, IReadOnlyList<QueueKey> queueKeys)
    {
        var keys = new List<LeasedKey>();
        try
        {
            return request.Purpose switch
            {
                LeasePurpose.Queue => GrantQueue(state, request, queueKeys, keys),
                LeasePurpose.Ingest => GrantIngest(state, request, keys),
                LeasePurpose.Maintain => GrantMaintain(state, request, keys),
                _ => GrantToPerson(state, request, keys),
            };
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
        var ledger = state.Ledger.Report(lease, request.Reports).Renew(lease, Ttl(request), now);
        return Offer(state with { Ledger = ledger }, request, ledger.Find(lease.Id), []);
    }

    /// <summary>The state after the lease has ended, with the leaves it leaves unused erased.</summary>
    internal LeaseState Release(LeaseState state, LeaseRequest request)
    {
        var lease = state.Ledger.Own(request);
        var reported = state.Ledger.Report(lease, request.Reports);
        var ledger = reported.Close(lease, request.Reports, out var freed).End(lease);
        var next = state with { Ledger = ledger };
        if (freed.Length == 0) return next;
        using var keys = TenantKeys.Open(ring, state, random);
        foreach (var (part, firstLeaf, count) in freed)
        {
            var held = next.Find(new(part.Class, part.Epoch, part.Generation, [])) ?? throw NoPart();
            next = next.Replace(keys.Puncture(held, firstLeaf, count));
        }
        return next;
    }

    /// <summary>The answer's bytes: keys sealed to the silo, everything signed.</summary>
    internal byte[] Sign(LeaseOffer offer, LeaseRequest request, byte[] signedRequest)
    {
        var grant = offer.Keys.Count == 0
            ? offer.Grant
            : LeaseSeal.SealKeys(offer.Grant, signedRequest, request.KemPublicKey, offer.Keys, random);
        return grant.Sign(ring.Signing);
    }

    private LeaseOffer GrantQueue(
        LeaseState state, LeaseRequest request, IReadOnlyList<QueueKey> queueKeys, List<LeasedKey> keys)
    {
        foreach (var key in queueKeys)
            keys.Add(new(LeasedKeyKind.QueuePrivate, key.Week, 0, 0, 0, 0, 0, QueueKeysGrain.Open(ring, key)));
        return Open(state, request, keys);
    }

    private LeaseOffer GrantIngest(LeaseState state, LeaseRequest request, List<LeasedKey> keys)
    {
        var now = time.GetUtcNow();
        foreach (var target in request.Targets) LeaseRules.CheckIngestPart(target, now);
        var extended = request.LeaseId is null ? null : state.Ledger.Live(request, now);
        var id = extended?.Id ?? random.NextId();
        if (extended is null) state = state with { Ledger = state.Ledger.Open(id, request, Ttl(request), now) };
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            var part = state.Find(target) ?? tenant.NewPart(RefuseNewGeneration(target));
            var ledger = state.Ledger.Allocate(target, options.SubtreeLeavesLog2, id);
            state = state.Replace(part) with { Ledger = ledger };
            keys.Add(tenant.Subtree(part, ledger.Find(target)!.Subtrees[^1]));
            keys.Add(tenant.Index(part));
            keys.Add(tenant.Identity(part));
        }
        return Offer(state, request, state.Ledger.Find(id), keys);
    }

    private LeaseOffer GrantMaintain(LeaseState state, LeaseRequest request, List<LeasedKey> keys)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            var part = state.Find(target) ?? throw NoPart();
            state.Ledger.CheckLeaves(target, onlyUnindexed: true);
            tenant.AddLeaves(part, target.Leaves, keys);
            keys.Add(tenant.Index(part));
            keys.Add(tenant.Identity(part));
        }
        return Open(state, request, keys);
    }

    /// <summary>Search and read: kept nowhere, since they are asked for anew instead of renewed.</summary>
    private LeaseOffer GrantToPerson(LeaseState state, LeaseRequest request, List<LeasedKey> keys)
    {
        using var tenant = TenantKeys.Open(ring, state, random);
        foreach (var target in request.Targets)
        {
            var part = state.Find(target) ?? throw NoPart();
            if (request.Purpose == LeasePurpose.Search)
            {
                keys.Add(tenant.Index(part));
                continue;
            }
            state.Ledger.CheckLeaves(target, onlyUnindexed: false);
            tenant.AddLeaves(part, target.Leaves, keys);
        }
        var now = time.GetUtcNow();
        var lease = new LeaseEntry(
            random.NextId(), request.SiloId, request.Incarnation, request.Purpose, 0, now,
            now.AddSeconds(Ttl(request)));
        return Offer(state, request, lease, keys);
    }

    private LeaseOffer Open(LeaseState state, LeaseRequest request, List<LeasedKey> keys)
    {
        var id = random.NextId();
        var ledger = state.Ledger.Open(id, request, Ttl(request), time.GetUtcNow());
        return Offer(state with { Ledger = ledger }, request, ledger.Find(id), keys);
    }

    private LeaseOffer Offer(LeaseState next, LeaseRequest request, LeaseEntry lease, IReadOnlyList<LeasedKey> keys)
    {
        var ttl = (int)(lease.ExpiresAt - time.GetUtcNow()).TotalSeconds;
        var renewable = LeaseRules.IsRenewable(request.Purpose);
        var grant = new LeaseGrant(
            lease.Id, request.Tenant, request.SiloId, request.Purpose, lease.Fence, ttl,
            renewable ? RenewAfter(ttl) : 0, renewable ? LeaseLimits.MaxAgeSeconds : ttl, request.Nonce, [], []);
        return new(next, grant, keys);
    }

    private int Ttl(LeaseRequest request) => Math.Min(request.TtlSeconds, options.LeaseTtlSeconds);

    /// <summary>A third of the ttl, ±10 %, so that silos that started together don't come back together.</summary>
    private int RenewAfter(int ttl)
    {
        var percent = 100 - JitterPercent + random.NextBytes(1)[0] % (2 * JitterPercent + 1);
        return Math.Max(1, ttl * percent / (100 * RenewalsPerTtl));
    }

    private static LeaseTarget RefuseNewGeneration(LeaseTarget target) => target.Generation == 0
        ? target
        : throw new LeaseRefusedException(LeaseRefusal.Invalid, "the part has no such generation of keys");

    private static LeaseRefusedException NoPart() => new(LeaseRefusal.NotFound, "no such part");
}

/// <summary>An answer in the making. Its keys are disposed of, whether it is given or not.</summary>
/// <param name="Next">To be durable before the answer leaves; the same object as before when nothing changed.</param>
internal sealed record LeaseOffer(LeaseState Next, LeaseGrant Grant, IReadOnlyList<LeasedKey> Keys) : IDisposable
{
    public void Dispose()
    {
        foreach (var key in Keys) key.Dispose();
    }
}
