using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Lets in tenant-admins and operators, puts what they do on record, and has it done. A refusal is on record too.
/// </summary>
[GrainType("ama.control.users")]
public sealed class UsersGrain(KeyRing ring, SignInDesk desk, SessionGate gate, OperatorGate operators)
    : Grain, IUsersGrain
{
    private string _tenantName = "";

    private IAccountsGrain Accounts => desk.Accounts(_tenantName);

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<UserView> Create(string token, NewUser user) =>
        Do(token, AuditAct.UserCreation, user?.User, user?.Role, actor => Accounts.Create(actor, Given(user)));

    public Task<UserView[]> List(string token) =>
        Do(token, AuditAct.UserListing, null, null, actor => Accounts.List(actor));

    public Task<UserView> Change(string token, string user, UserChange change) =>
        Do(token, ActOf(change), user, DetailOf(change), actor => Accounts.Change(actor, user, Given(change)));

    public Task Remove(string token, string user) => Do(token, AuditAct.UserRemoval, user, null, async actor =>
    {
        await Accounts.Remove(actor, user);
        return true;
    });

    public Task<UserView> ResetPassword(string token, string user) =>
        Do(token, AuditAct.PasswordReset, user, null, actor => Accounts.ResetPassword(actor, user));

    public Task<UserView> Approve(string token, string user) =>
        Do(token, AuditAct.RoleApproval, user, null, actor => Accounts.Approve(actor, user));

    public Task SetSecondFactor(string token, string rule) =>
        Do(token, AuditAct.SecondFactorRule, null, rule, async actor =>
        {
            await Accounts.SetRule(actor, UserRules.ParseRule(rule));
            return true;
        });

    private async Task<T> Do<T>(string token, AuditAct act, string? user, string? detail, Func<Actor, Task<T>> step)
    {
        var entry = new AuditEntry(act, Granted: true, desk.Now)
        {
            TenantName = _tenantName, Person = user, Detail = detail,
        };
        try
        {
            var actor = await Admit(token);
            entry = entry with { By = actor.Name };
            var tenant = (await Accounts.Find("")).Tenant;
            if (tenant == Guid.Empty) throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
            entry = entry with { Tenant = tenant };
            await desk.Record(entry);
            return await step(actor);
        }
        catch (ControlException refusal) when (refusal.Refusal != ControlRefusal.Unavailable)
        {
            await desk.Refuse(entry with { Granted = false, Reason = refusal.Message }, from: null);
            throw;
        }
    }

    private async Task<Actor> Admit(string token)
    {
        if (!AccessGrant.TryReadUnverified(token, out _))
        {
            operators.Check(token);
            return Actor.Operator;
        }
        var (_, account) = await gate.Admit(_tenantName, token);
        return new(account.Name, account.Role);
    }

    private static AuditAct ActOf(UserChange? change) => change?.Role switch
    {
        null => AuditAct.UserChange,
        "security-officer-tenant" => AuditAct.RoleProposal,
        _ => AuditAct.RoleChange,
    };

    private static string? DetailOf(UserChange? change) => change switch
    {
        { Role: { } role } => role,
        { Disabled: { } disabled } => disabled ? "disabled" : "enabled",
        { Addresses: not null } => "addresses",
        _ => null,
    };

    private static T Given<T>(T? given) where T : class =>
        given ?? throw new ControlException(ControlRefusal.Invalid, "Nothing was given.");
}
