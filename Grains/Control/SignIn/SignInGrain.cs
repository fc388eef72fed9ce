using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>Opens, renews and ends sessions. Keeps nothing itself.</summary>
[GrainType("ama.control.sign-in")]
public sealed class SignInGrain(KeyRing ring, SignInDesk desk, SessionGate gate, GrantIssuer issuer)
    : Grain, ISignInGrain
{
    private string _tenantName = "";

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public async Task<SignedInView> SignIn(Credentials credentials)
    {
        var proved = await desk.Prove(AuditAct.SignIn, _tenantName, credentials);
        await RefuseUnfinished(proved);
        proved = await desk.CheckSecondFactor(proved);
        await desk.Succeed(proved);
        return await gate.Open(proved);
    }

    public async Task<SignedInView> Renew(string renewal)
    {
        var entry = new AuditEntry(AuditAct.SessionRenewal, Granted: false, issuer.Now) { TenantName = _tenantName };
        if (await gate.Renewable(_tenantName, renewal) is not { } found)
        {
            await desk.Refuse(entry with { Reason = "no live session of a user" }, from: null);
            throw SessionGate.Over();
        }
        await desk.Record(entry with
        {
            Granted = true, Tenant = found.Tenant, Person = found.Account.Name, Session = found.Session.Id,
            Detail = found.Account.Role.Text(),
        });
        var next = await gate.Renew(_tenantName, found, renewal) ?? throw SessionGate.Over();
        return issuer.ForUser(found.Tenant, _tenantName, found.Account, found.Session, next);
    }

    public async Task SignOut(string accessToken)
    {
        var (grant, _) = await gate.Admit(_tenantName, accessToken);
        await gate.End(grant, grant.Session);
    }

    public async Task<SessionView[]> Sessions(string accessToken)
    {
        var (grant, account) = await gate.Admit(_tenantName, accessToken);
        var sessions = await desk.Sessions(grant.Tenant!.Value, account.Name).Of(account.Name);
        return [.. sessions.Select(session => new SessionView(
            session.Id, session.OpenedAt, session.EndsAt, session.From, session.Id == grant.Session))];
    }

    public async Task EndSession(string accessToken, Guid session)
    {
        var (grant, _) = await gate.Admit(_tenantName, accessToken);
        if (!await gate.End(grant, session))
            throw new ControlException(ControlRefusal.NotFound, "There is no such session.");
    }

    /// <summary>The password opens nothing yet but what is missing.</summary>
    private async Task RefuseUnfinished(ProvedAccount proved)
    {
        ControlException? refusal = null;
        if (proved.Account.MustChangePassword)
            refusal = new(ControlRefusal.PasswordChangeRequired,
                "This password was made for you, for once: choose your own.");
        else if (!proved.Account.HasSecondFactor && proved.Account.NeedsSecondFactor(proved.Rule))
            refusal = new(ControlRefusal.EnrolmentRequired,
                $"The role {proved.Account.Role.Text()} needs a second factor: enrol one.");
        if (refusal is null) return;
        await desk.Refuse(proved, refusal.Refusal.ToString());
        throw refusal;
    }
}
