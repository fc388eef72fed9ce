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
    private const int RenewalCharsMax = 256;
    private const int RenewalParts = 3;

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
        if (!AccessGrant.TryVerify(accessToken, ring.SigningKey, issuer.Now, out var grant)) throw Over();
        if (grant.Region != ring.Region || grant.TenantName != tenantName || grant.Tenant is not { } tenant)
            throw Over();
        if (!await desk.Sessions(tenant, grant.Session).IsLive(grant.Session)) throw Over();
        var found = await desk.Accounts(tenantName).Find(grant.User);
        if (found.Account is not { Disabled: false } account || found.Tenant != tenant) throw Over();
        return (grant, account);
    }

    /// <summary>Ends one of the person's sessions; false when there is none such.</summary>
    public async Task<bool> End(AccessGrant grant, Guid session)
    {
        await desk.Record(new(AuditAct.SessionEnd, Granted: true, issuer.Now)
        {
            Tenant = grant.Tenant, TenantName = grant.TenantName, Person = grant.User, Session = session,
        });
        return await desk.Sessions(grant.Tenant!.Value, session).End(grant.User, session);
    }

    internal async Task<(Guid Tenant, LiveSession Session, Account Account)?> FindRenewed(
        string tenantName, string renewal)
    {
        if (renewal is not { Length: <= RenewalCharsMax }) return null;
        var parts = renewal.Split('.');
        if (parts.Length != RenewalParts || !Guid.TryParseExact(parts[1], "N", out var id)) return null;
        // The user's name stands in the session only: any name tells the tenant's id.
        var tenant = (await desk.Accounts(tenantName).Find("")).Tenant;
        if (tenant == Guid.Empty || await desk.Sessions(tenant, id).Find(id) is not { } session) return null;
        if (!session.IsRenewedBy(renewal)) return null;
        var found = await desk.Accounts(tenantName).Find(session.User);
        return found.Account is { Disabled: false } account ? (tenant, session, account) : null;
    }

    internal static ControlException Over() =>
        new(ControlRefusal.NotAuthorised, "The session is over or was never valid: sign in.");
}
