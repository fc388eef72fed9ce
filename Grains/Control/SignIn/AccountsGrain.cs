using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>What accounts are made and checked with.</summary>
public sealed record AccountDesk(
    KeyRing Ring, PasswordHasher Hasher, GrantIssuer Issuer, SecondFactorSeal Seal, TimeProvider Time);

/// <summary>
/// Keeps a tenant's accounts. What others do to them is here, what persons do to their own in the other half.
/// </summary>
/// <remarks>An older copy, put back, is refused: it would bring back who was removed, and passwords from before.
/// </remarks>
[GrainType("ama.control.accounts")]
public sealed partial class AccountsGrain(
    [PersistentState("accounts", ControlStorage.Name)] IPersistentState<AccountsState> stored,
    AccountDesk desk, ILogger<AccountsGrain> log) : Grain, IAccountsGrain
{
    private MarkedState<AccountsState> _state = null!;
    private string _tenantName = "";

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(desk.Ring, this.GetPrimaryKeyString());
        var audit = GrainFactory.GetGrain<IAuditGrain>(desk.Ring.Region.Text());
        _state = new(stored, audit, desk.Time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    async Task IAccountsGrain.Open(Guid tenant, SecondFactorRule rule)
    {
        UserRules.CheckSetRule(_state.Value, Actor.Operator, rule, desk.Issuer.SecondFactorMayBeOff);
        await _state.WriteAsync(_state.Value with { Tenant = tenant, Rule = rule });
    }

    Task<FoundAccount> IAccountsGrain.Find(string user)
    {
        var state = InForce;
        var account = state.Find(user) is { } found ? UserRules.Lasting(state, found) : null;
        return Task.FromResult(new FoundAccount(state.Tenant, state.Rule, account));
    }

    Task<UserView[]> IAccountsGrain.List(Actor actor)
    {
        UserRules.CheckSees(actor);
        return Task.FromResult<UserView[]>([.. UserRules.SeenBy(Known(), actor).Select(account => View(account))]);
    }

    async Task<UserView> IAccountsGrain.Create(Actor actor, NewUser user)
    {
        var (name, role, addresses) = NewUserCheck.Of(user);
        UserRules.CheckCreate(Known(), actor, role, isGiven: user.Password is not null);
        CheckFree(name);
        var password = user.Password ?? desk.Issuer.NewPassword();
        var salt = desk.Issuer.NewSalt();
        var hash = await desk.Hasher.HashAsync(password, salt);
        await _state.WriteAsync(_state.Value.Add(new(name, role, addresses, salt, hash, desk.Issuer.Now)
        {
            MustChangePassword = user.Password is null,
            MadeForTrial = actor.Role == AccessRole.Operator
                && role is not (AccessRole.TenantAdmin or AccessRole.SecurityOfficerProvider),
        }));
        return View(_state.Value.Find(name)!) with { Password = user.Password is null ? password : null };
    }

    async Task<UserView> IAccountsGrain.Change(Actor actor, string user, UserChange change)
    {
        var account = UserRules.Target(Known(), actor, Name(user));
        var changed = account;
        if (change.Role is { } text)
            changed = UserRules.WithRole(Known(), actor, changed, NewUserCheck.Role(text), desk.Issuer.Now);
        if (change.Disabled is { } disabled) changed = changed with { Disabled = disabled };
        if (change.Addresses is { } addresses) changed = changed with { Addresses = NewUserCheck.Addresses(addresses) };
        var ends = changed.Role != account.Role || changed.Disabled;
        await (ends ? EndingSessions(account.Name, Replace) : Replace());
        return View(changed);

        Task Replace() => _state.WriteAsync(_state.Value.Replace(changed));
    }

    Task IAccountsGrain.Remove(Actor actor, string user)
    {
        var account = UserRules.Target(Known(), actor, Name(user));
        return EndingSessions(account.Name, () => _state.WriteAsync(_state.Value.Remove(account.Name)));
    }

    async Task<UserView> IAccountsGrain.ResetPassword(Actor actor, string user)
    {
        var account = UserRules.Target(Known(), actor, Name(user));
        UserRules.CheckReset(actor, account);
        var password = desk.Issuer.NewPassword();
        var changed = await WithPassword(account, password) with
        {
            MustChangePassword = true, Second = null, RecoveryHashes = [], Proposal = null,
            MadeForTrial = account.MadeForTrial && actor.Role == AccessRole.Operator,
        };
        await EndingSessions(account.Name, () => _state.WriteAsync(_state.Value.Replace(changed)));
        await GrainFactory.ForgetFailures(desk.Ring.Region, _tenantName, account.Name);
        return View(changed) with { Password = password };
    }

    async Task<UserView> IAccountsGrain.Approve(Actor actor, string user)
    {
        var changed = UserRules.Approved(Known(), actor, Name(user), desk.Issuer.Now);
        await EndingSessions(changed.Name, () => _state.WriteAsync(_state.Value.Replace(changed)));
        return View(changed);
    }

    Task IAccountsGrain.SetRule(Actor actor, SecondFactorRule rule)
    {
        UserRules.CheckSetRule(Known(), actor, rule, desk.Issuer.SecondFactorMayBeOff);
        return _state.WriteAsync(_state.Value with { Rule = rule });
    }

    /// <summary>To decide by. A trial's rule is worth nothing in a Control that others can reach.</summary>
    private AccountsState InForce => UserRules.IsTrial(_state.Value) && !desk.Issuer.SecondFactorMayBeOff
        ? _state.Value with { Rule = SecondFactorRule.ByRole }
        : _state.Value;

    private AccountsState Known() => _state.Value.Tenant != Guid.Empty
        ? InForce
        : throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");

    private void CheckFree(string name)
    {
        if (_state.Value.Find(name) is not null)
            throw new ControlException(ControlRefusal.Conflict, "The tenant has a user of that name already.");
        if (_state.Value.Users.Length >= AccountsState.UsersMax)
            throw new ControlException(ControlRefusal.Invalid, $"A tenant has at most {AccountsState.UsersMax} users.");
    }

    private async Task<Account> WithPassword(Account account, string password)
    {
        var salt = desk.Issuer.NewSalt();
        return account with { Salt = salt, Hash = await desk.Hasher.HashAsync(password, salt) };
    }

    /// <summary>
    /// Before, so that a fault there leaves everything as it was; and after, for a session opened in between.
    /// </summary>
    private async Task EndingSessions(string user, Func<Task> change)
    {
        var sessions = GrainFactory.SessionsOf(desk.Ring.Region, _state.Value.Tenant, user);
        await sessions.EndAll(user);
        await change();
        await sessions.EndAll(user);
    }

    private UserView View(Account account)
    {
        var proposal = account.Proposal is { } made && desk.Issuer.Now < made.ExpiresAt ? made : null;
        return new(account.Name, account.Role.Text(), account.Addresses, null)
        {
            Disabled = UserRules.Lasting(InForce, account).Disabled, MustChangePassword = account.MustChangePassword,
            SecondFactor = account.HasSecondFactor, ProposedRole = proposal?.Role.Text(), ProposedBy = proposal?.By,
        };
    }

    private static string Name(string user) => DirectoryRules.TryUserName(user, out var name) ? name : "";
}
