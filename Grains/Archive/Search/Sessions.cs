using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Search;

/// <summary>
/// Verifies access tokens on every call and keeps each session's search lease: no index is asked without a live one
/// for the person asking.
/// </summary>
public sealed class Sessions(
    SiloIdentity identity, LeaseClient leases, LeaseHolder holder, RevokedSessions revoked, TimeProvider time)
{
    /// <summary>Beyond, the oldest leases are given up: their people's next search asks for another.</summary>
    private const int SessionsMax = 10_000;

    /// <summary>Given up at once, so that they are looked for seldom.</summary>
    private const int GivenUp = SessionsMax / 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, SearchLease> _search = [];

    public Region Region => identity.Region;

    /// <summary>Throws <see cref="ArchiveException"/>: NotSignedIn, NotFound for another tenant's archive.</summary>
    public async ValueTask<AccessGrant> VerifyAsync(string accessToken, TenantId tenant)
    {
        var grant = await VerifyAsync(accessToken);
        if (grant.Tenant != tenant.Value)
            throw new ArchiveException(ArchiveRefusal.NotFound, "there is no such archive");
        return grant;
    }

    public async ValueTask<AccessGrant> VerifyOperatorAsync(string accessToken)
    {
        var grant = await VerifyAsync(accessToken);
        if (grant.Role is not AccessRole.Operator)
            throw new ArchiveException(ArchiveRefusal.NotAllowed, "only an operator may ask this");
        return grant;
    }

    /// <summary>An operator, or somebody of the tenant who may see who sends its mail.</summary>
    public async ValueTask VerifyKeeperAsync(string accessToken, TenantId tenant)
    {
        var grant = await VerifyAsync(accessToken);
        if (grant.Role is AccessRole.Operator) return;
        if (grant.Tenant != tenant.Value)
            throw new ArchiveException(ArchiveRefusal.NotFound, "there is no such archive");
        if (grant.Role is not (AccessRole.TenantAdmin or AccessRole.Auditor or AccessRole.SecurityOfficerTenant))
            throw new ArchiveException(ArchiveRefusal.NotAllowed, "this role doesn't see sources");
    }

    /// <summary>
    /// To be asked again right before an answer leaves: the lease may have ended, or the session, while it was made.
    /// </summary>
    public void CheckBeforeAnswer(AccessGrant grant, HeldLease? lease)
    {
        if (revoked.Contains(grant.Session)) throw NotSignedIn();
        if (lease is { Ended: true })
            throw new ArchiveException(ArchiveRefusal.Locked, "the archive is locked: its key lease has ended");
    }

    /// <summary>
    /// A live search lease of this session over these parts, or null without parts; throws Locked without one. Of parts
    /// that have ended it has no key: <see cref="HeldLease.WasGiven"/>.
    /// </summary>
    public async ValueTask<HeldLease?> EnsureSearchAsync(
        AccessGrant grant, TenantId tenant, string accessToken, IReadOnlyList<RetentionPart> parts)
    {
        if (parts.Count == 0) return null;
        if (Covering(grant.Session, parts) is { } held) return held;
        var lease = await leases.SearchAsync(tenant, accessToken, parts);
        lock (_gate)
        {
            if (_search.Count >= SessionsMax) Forget();
            if (_search.Remove(grant.Session, out var before)) holder.Drop(before.Lease.Id);
            _search[grant.Session] = new(lease, [.. parts]);
        }
        return lease;
    }

    private async ValueTask<AccessGrant> VerifyAsync(string accessToken)
    {
        if (identity.SigningKey is null) await EnrolAsync();
        return AccessGrant.TryVerify(accessToken, identity.SigningKey, time.GetUtcNow(), out var grant)
            && grant.Region == identity.Region && !revoked.Contains(grant.Session)
            ? grant
            : throw NotSignedIn();
    }

    private static ArchiveException NotSignedIn() =>
        new(ArchiveRefusal.NotSignedIn, "the session is over or was never valid: sign in");

    private async ValueTask EnrolAsync()
    {
        try
        {
            await identity.EnsureAsync();
        }
        catch (Exception)
        {
            throw new ArchiveException(
                ArchiveRefusal.Locked, "the archive is locked: Control, which holds the keys, can't be reached now");
        }
    }

    private HeldLease? Covering(Guid session, IReadOnlyList<RetentionPart> parts)
    {
        lock (_gate)
        {
            return _search.TryGetValue(session, out var held) && held.Lease.MayStart && parts.All(held.Asked.Contains)
                ? held.Lease
                : null;
        }
    }

    private void Forget()
    {
        foreach (var session in _search.Where(s => s.Value.Lease.Ended).Select(s => s.Key).ToArray())
            _search.Remove(session);
        if (_search.Count < SessionsMax) return;
        foreach (var (session, held) in _search.OrderBy(s => s.Value.Lease.Sent).Take(GivenUp).ToArray())
        {
            _search.Remove(session);
            holder.Drop(held.Lease.Id);
        }
    }

    /// <param name="Asked">All parts it was asked for, also those that had ended.</param>
    private sealed record SearchLease(HeldLease Lease, HashSet<RetentionPart> Asked);
}
