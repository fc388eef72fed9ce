using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Opens sessions, and lets in who holds one: the signature and time of the token, the session and the account are
/// all looked at, each time, so that a copied token is worth no more than the session it came from.
/// </summary>
public sealed class SessionGate(KeyRing ring, SignInDesk desk, GrantIssuer issuer)
{
    /// <summary>A session with an id of its own, whatever the caller came with.</summary>
    public async Task<SignedInView> Open(ProvedAccount proved)
    {
        var (session, renewal) = issuer.NewSession(proved.TenantName, proved.Account.Name, proved.Given.From);
        await desk.Record(desk.Granted(proved) with { Session = session.Id, Detail = proved.Account.Role.Text() });
        var sessions = desk.Sessions(proved.Tenant, session.Id);
        await sessions.Open(session);
        // Whoever ends a person's sessions does so after the change as well: it either found this one, or is seen here.
        if (!proved.Holds(await desk.Accounts(proved.TenantName).Find(proved.Account.Name)))
        {
            await sessions.End(proved.Account.Name, session.Id);
            await desk.Record(desk.Refusal(proved, "changed meanwhile") with { Session = session.Id });
            throw new ControlException(ControlRefusal.NotAuthorised, Credentials.Refused);
        }
        return issuer.ForUser(proved.Tenant, proved.TenantName, proved.Account, session, renewal);
    }

    /// <summary>Throws <see cref="ControlException"/> (NotAuthorised), alike for all causes.</summary>
    public async Task<(AccessGrant Grant, Account Account)> Admit(string tenantName, string accessToken)
    {
        if (HolderOf(accessToken) is not { Tenant: { } tenant } grant || grant.TenantName != tenantName) throw Over();
        if (!await desk.Sessions(tenant, grant.Session).IsLive(grant.Session)) throw Over();
        var found = await desk.Accounts(tenantName).Find(grant.User);
        if (found.Account is not { Disabled: false } account || found.Tenant != tenant) throw Over();
        return (grant, account);
    }

    /// <summary>Whose token this is, of this region, though its session may be over; null: nobody's.</summary>
    public AccessGrant? HolderOf(string? accessToken) =>
        AccessGrant.TryVerify(accessToken, ring.SigningKey, issuer.Now, out var grant) && grant.Region == ring.Region
            ? grant
            : null;

    /// <summary>Ends one of the person's sessions; false when there is none such.</summary>
    public async Task<bool> End(AccessGrant grant, Guid session)
    {
        await desk.Record(new(AuditAct.SessionEnd, Granted: true, issuer.Now)
        {
            Tenant = grant.Tenant, TenantName = grant.TenantName, Person = grant.User, Session = session,
        });
        return await desk.Sessions(grant.Tenant!.Value, session).End(grant.User, session);
    }

    /// <summary>
    /// The session that <paramref name="renewal"/> would renew; null when it renews none. A secret that was used up
    /// before ends its session, for two hold it: that is on record first.
    /// </summary>
    internal async Task<RenewableSession?> Renewable(string tenantName, string renewal)
    {
        if (RenewalText.TryParse(renewal) is not { } shown || shown.TenantName != tenantName) return null;
        // The user's name stands in the session only: any name tells the tenant's id.
        var tenant = (await desk.Accounts(tenantName).Find("")).Tenant;
        if (tenant == Guid.Empty) return null;
        if (await desk.Sessions(tenant, shown.Session).Find(shown.Session) is not { } session) return null;
        var use = session.UseOf(shown, issuer.Now);
        if (use == RenewalUse.Foreign) return null;
        var found = await desk.Accounts(tenantName).Find(session.User);
        if (found.Account is not { Disabled: false } account) return null;
        if (use == RenewalUse.Reused)
        {
            await EndReused(tenant, tenantName, session);
            return null;
        }
        return new(tenant, session, account);
    }

    /// <summary>
    /// Uses the secret up, and answers the next one; null when that came to nothing meanwhile. To be on record before:
    /// a secret that is used up without an answer would look stolen when it comes again.
    /// </summary>
    internal async Task<string?> Renew(string tenantName, RenewableSession renewable, string renewal)
    {
        var (tenant, session, _) = renewable;
        var renewed = await desk.Sessions(tenant, session.Id).Renew(renewal, issuer.NewSalt());
        if (renewed.Use == RenewalUse.Reused) await EndReused(tenant, tenantName, session);
        return renewed.Renewal;
    }

    private async Task EndReused(Guid tenant, string tenantName, LiveSession session)
    {
        await desk.Record(new(AuditAct.SessionEnd, Granted: true, issuer.Now)
        {
            Tenant = tenant, TenantName = tenantName, Person = session.User, Session = session.Id,
            Reason = "a renewal secret that was used up before came again: two hold it",
        });
        await desk.Sessions(tenant, session.Id).End(session.User, session.Id);
    }

    internal static ControlException Over() =>
        new(ControlRefusal.NotAuthorised, "The session is over or was never valid: sign in.");
}

/// <summary>A live session of a user who may go on.</summary>
internal sealed record RenewableSession(Guid Tenant, LiveSession Session, Account Account);
