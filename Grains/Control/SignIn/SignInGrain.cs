using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>A tenant's accounts. Key: as <see cref="ISignInGrain"/>.</summary>
[Alias("ama.control.internal.accounts")]
internal interface IAccountsGrain : IGrainWithStringKey
{
    /// <summary>Checks the new user, keeps it, and answers with the password when it was made here.</summary>
    [Alias("create")] Task<UserView> Create(Guid tenant, NewUser user);
}

/// <summary>
/// Local users of a tenant. A wrong password, an unknown user and an unknown tenant cost the same hash, give the same
/// answer and are recorded alike, so nobody learns who has an account.
/// </summary>
[GrainType("ama.control.sign-in")]
public sealed class SignInGrain(
    [PersistentState("accounts", ControlStorage.Name)] IPersistentState<AccountsState> stored,
    KeyRing ring, PasswordHasher hasher, GrantIssuer issuer, ILogger<SignInGrain> log)
    : Grain, ISignInGrain, IAccountsGrain
{
    private static readonly byte[] NobodysSalt = new byte[PasswordHasher.SaltBytes];
    private static readonly byte[] NobodysHash = new byte[PasswordHasher.HashBytes];

    private DurableState<AccountsState> _state = null!;
    private string _tenantName = "";

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenantName = RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        return Task.CompletedTask;
    }

    public async Task<SignedInView> SignIn(string user, string password)
    {
        var accounts = _state.Value;
        var account = DirectoryRules.TryUserName(user, out var name) ? accounts.Find(name) : null;
        var hashable = password is { Length: <= DirectoryRules.PasswordCharsMax } ? password : "";
        var hash = await hasher.HashAsync(hashable, account?.Salt ?? NobodysSalt);
        var right = CryptographicOperations.FixedTimeEquals(hash, account?.Hash ?? NobodysHash) & account is not null;
        if (right) return await Answer(accounts.Tenant, account!);
        await Audit(new(AuditAct.SignIn, Granted: false, issuer.Now)
        {
            TenantName = _tenantName, Person = user, Reason = "wrong tenant, user or password",
        });
        throw new ControlException(ControlRefusal.NotAuthorised, "Tenant, user or password is wrong.");
    }

    async Task<UserView> IAccountsGrain.Create(Guid tenant, NewUser user)
    {
        var (account, password) = await Check(user);
        if (_state.Value.Find(account.Name) is not null)
            throw new ControlException(ControlRefusal.Conflict, "The tenant has a user of that name already.");
        if (_state.Value.Users.Length >= AccountsState.UsersMax)
            throw new ControlException(ControlRefusal.Invalid, $"A tenant has at most {AccountsState.UsersMax} users.");
        await _state.WriteAsync(_state.Value with { Tenant = tenant, Users = [.. _state.Value.Users, account] });
        return new(account.Name, account.Role.Text(), account.Addresses, user.Password is null ? password : null);
    }

    private async Task<SignedInView> Answer(Guid tenant, Account account)
    {
        var grant = issuer.ForUser(tenant, _tenantName, account);
        await GrainFactory.GetGrain<ISessionsGrain>(SessionsGrain.KeyOf(ring.Region, tenant)).Open(
            new(grant.Session, account.Name, grant.IssuedAt, grant.ExpiresAt, null, []));
        await Audit(new(AuditAct.SignIn, Granted: true, issuer.Now)
        {
            Tenant = tenant, TenantName = _tenantName, Person = account.Name, Session = grant.Session,
        });
        return issuer.Sign(grant);
    }

    private async Task<(Account Account, string Password)> Check(NewUser user)
    {
        if (!DirectoryRules.TryUserName(user.User, out var name))
            throw Invalid("A user's name has 1 to 254 letters, digits and . _ - @ +.");
        if (user.Role is not ("user" or "auditor")) throw Invalid("The role is user or auditor.");
        if (user.Password is not null && !DirectoryRules.IsPassword(user.Password))
            throw Invalid("A password has 12 to 1024 characters.");
        var addresses = new List<string>();
        foreach (var text in user.Addresses ?? [])
            addresses.Add(DirectoryRules.TryPersonAddress(text, out var address) ? address : throw Invalid(
                "One of the addresses is none."));
        if (addresses.Count > AccessGrant.AddressesMax)
            throw Invalid($"A user has at most {AccessGrant.AddressesMax} addresses.");
        var password = user.Password ?? issuer.NewPassword();
        var salt = issuer.NewSalt();
        var hash = await hasher.HashAsync(password, salt);
        var role = user.Role == "auditor" ? AccessRole.Auditor : AccessRole.User;
        return (new(name, role, [.. addresses.Distinct()], salt, hash, issuer.Now), password);
    }

    private Task Audit(AuditEntry entry) =>
        GrainFactory.GetGrain<IAuditGrain>(ring.Region.Text()).Append(entry, null);

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
