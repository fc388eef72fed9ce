using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Lets in tenant-admins and operators, puts what they do on record, and has it done. A refusal is on record too.
/// </summary>
[GrainType("ama.control.users")]
public sealed class UsersGrain(KeyRing ring, KeeperGate gate) : Grain, IUsersGrain
{
    private string _tenantName = "";

    private IAccountsGrain Accounts => gate.Desk.Accounts(_tenantName);

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

    private Task<T> Do<T>(string token, AuditAct act, string? user, string? detail, Func<Actor, Task<T>> step) =>
        gate.DoAsync(_tenantName, token, new(act, Granted: true, gate.Desk.Now) { Person = user, Detail = detail }, step);

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
