using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Decides whether credentials are right. A wrong password, user, tenant or code, a disabled user and a locked one
/// cost the same hash and the same writes, give the same answer and are recorded alike: nobody learns who has an
/// account. Only after the right password does anything more come out.
/// </summary>
public sealed class SignInDesk(IGrainFactory grains, KeyRing ring, ISignInMethod method, TimeProvider time)
{
    private const int CodeCharsMax = 64;

    public DateTimeOffset Now => time.GetUtcNow();

    public Region Region => ring.Region;

    /// <summary>
    /// The account whose password was right: not yet its second factor. Throws <see cref="ControlException"/>
    /// (NotAuthorised), after it is on record.
    /// </summary>
    public async Task<ProvedAccount> Prove(AuditAct act, string tenantName, Credentials given)
    {
        var user = DirectoryRules.TryUserName(given.User, out var name) ? name : "";
        var counted = Counted(tenantName, user, given.From);
        var locked = await IsLocked(counted);
        var found = await Accounts(tenantName).Find(user);
        var right = await method.Proves(found.Account, given);
        if (right && !locked && found.Account is { Disabled: false } account)
            return new(act, found.Tenant, tenantName, found.Rule, account, given, counted);
        await Fail(counted, new(act, Granted: false, Now) { TenantName = tenantName, Person = given.User });
        throw new ControlException(ControlRefusal.NotAuthorised, Credentials.Refused);
    }

    /// <summary>
    /// Asks for the second factor, where there is one, and uses up its code. Answers what is proved now.
    /// </summary>
    public async Task<ProvedAccount> CheckSecondFactor(ProvedAccount proved)
    {
        if (!proved.Account.HasSecondFactor) return proved;
        if (proved.Given.Code is not { Length: > 0 } code)
        {
            await Record(Refusal(proved, "no code"));
            throw new ControlException(
                ControlRefusal.SecondFactorRequired, "A code of the second factor, or a recovery code, is needed too.");
        }
        if (code.Length <= CodeCharsMax
            && await Accounts(proved.TenantName).Spend(proved.Account.Name, code) is { } spent)
            return proved with { Spent = spent };
        throw await RefuseCode(proved);
    }

    /// <summary>A wrong code is a failure like a wrong password.</summary>
    public async Task<ControlException> RefuseCode(ProvedAccount proved)
    {
        await Fail(proved.Counted, Refusal(proved, null));
        return new ControlException(ControlRefusal.NotAuthorised, Credentials.Refused);
    }

    /// <summary>Right altogether: the account's failures are forgotten; its address's are not, or one own account
    /// would let somebody guess at all the others.</summary>
    public Task Succeed(ProvedAccount proved) =>
        grains.ForgetFailures(ring.Region, proved.TenantName, proved.Account.Name);

    internal AuditEntry Granted(ProvedAccount proved) => new(proved.Act, Granted: true, Now)
    {
        Tenant = proved.Tenant, TenantName = proved.TenantName, Person = proved.Account.Name, Mark = proved.Spent,
    };

    internal AuditEntry Refusal(ProvedAccount proved, string? why) => new(proved.Act, Granted: false, Now)
    {
        Tenant = proved.Tenant, TenantName = proved.TenantName, Person = proved.Account.Name, Reason = why,
    };

    /// <summary>Durable when it returns; when it throws, nothing may be answered.</summary>
    internal Task Record(AuditEntry entry) =>
        grains.GetGrain<IAuditGrain>(ring.Region.Text()).Append(entry, null);

    internal IAccountsGrain Accounts(string tenantName) =>
        grains.GetGrain<IAccountsGrain>($"{ring.Region.Text()}/{tenantName}");

    internal ISessionsGrain Sessions(Guid tenant, Guid session) => grains.SessionsOf(ring.Region, tenant, session);

    internal ISessionsGrain Sessions(Guid tenant, string user) => grains.SessionsOf(ring.Region, tenant, user);

    private static FailureKey[] Counted(string tenantName, string user, string? from)
    {
        var account = new FailureKey(LockOut.AccountKey(tenantName, user), LockOut.AccountFreeFailures);
        return from is null
            ? [account]
            : [account, new(LockOut.AddressKey(from), LockOut.AddressFreeFailures)];
    }

    private async Task<bool> IsLocked(FailureKey[] keys)
    {
        var locked = await Task.WhenAll(keys.Select(key => grains.LockOut(ring.Region, key.Key).IsLocked(key.Key)));
        return locked.Contains(true);
    }

    private async Task Fail(FailureKey[] keys, AuditEntry refusal)
    {
        var locks = await Task.WhenAll(keys.Select(
            key => grains.LockOut(ring.Region, key.Key).Fail(key.Key, key.Free)));
        foreach (var until in locks.OfType<DateTimeOffset>())
            await Record(refusal with { Act = AuditAct.LockOut, Detail = $"until {until:yyyy-MM-ddTHH:mm:ssZ}" });
        await Record(refusal with { Reason = "wrong tenant, user, password or code, or locked" });
    }
}

/// <summary>What failures are counted for, and how many of them are free.</summary>
public sealed record FailureKey(string Key, int Free);

/// <summary>An account whose password was shown.</summary>
public sealed record ProvedAccount(
    AuditAct Act, Guid Tenant, string TenantName, SecondFactorRule Rule, Account Account, Credentials Given,
    FailureKey[] Counted)
{
    /// <summary>Of the state that says the code is used; null: none was asked for.</summary>
    public StateMark? Spent { get; init; }

    /// <summary>
    /// Whether what was proved is still so: not removed, disabled, given another role or password since.
    /// </summary>
    public bool Holds(FoundAccount now) => now.Tenant == Tenant
        && now.Account is { Disabled: false } account && account.Role == Account.Role
        && CryptographicOperations.FixedTimeEquals(account.Hash, Account.Hash);

    public override string ToString() => $"{Account.Name} of {TenantName}";
}
