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
public sealed class SignInDesk(
    IGrainFactory grains, KeyRing ring, ISignInMethod method, SignInTries tries, TimeProvider time)
{
    private const int CodeCharsMax = 64;

    public DateTimeOffset Now => time.GetUtcNow();

    public Region Region => ring.Region;

    /// <summary>
    /// The account whose password was right: not yet its second factor. Throws <see cref="ControlException"/>
    /// (NotAuthorised; TooManyTries from a locked address), after it is on record.
    /// </summary>
    public async Task<ProvedAccount> Prove(AuditAct act, string tenantName, Credentials given)
    {
        var user = DirectoryRules.TryUserName(given.User, out var name) ? name : "";
        var counted = SignInTries.KeysOf(tenantName, user, given.From);
        // Counted before the hash: of guesses at the same moment no more are looked at than of guesses in a row.
        var standing = await tries.BeginAsync(counted);
        try
        {
            var found = await Accounts(tenantName).Find(user);
            var right = await method.Proves(found.Account, given) && found.Account is { Disabled: false };
            if (right && standing.Admits)
                return new(act, found.Tenant, tenantName, found.Rule, found.Account!, given, counted);
            throw await tries.FailAsync(counted, standing, new(act, Granted: false, Now)
            {
                Tenant = found.Tenant == Guid.Empty ? null : found.Tenant,
                TenantName = tenantName, Person = given.User,
            }, given.From, right);
        }
        finally
        {
            await tries.EndAsync(counted);
        }
    }

    /// <summary>
    /// Asks for the second factor, where there is one, and uses up its code. Answers what is proved now.
    /// </summary>
    public async Task<ProvedAccount> CheckSecondFactor(ProvedAccount proved)
    {
        if (!proved.Account.HasSecondFactor) return proved;
        if (proved.Given.Code is not { Length: > 0 } code)
        {
            await Refuse(proved, "no code");
            throw new ControlException(
                ControlRefusal.SecondFactorRequired, "A code of the second factor, or a recovery code, is needed too.");
        }
        var spent = await CheckCode(proved, async () => code.Length <= CodeCharsMax
            ? await Accounts(proved.TenantName).Spend(proved.Account.Name, code)
            : null);
        return proved with { Spent = spent };
    }

    /// <summary>
    /// What came of a right code. A wrong one (null) is a failure like a wrong password, and counted like it.
    /// </summary>
    public async Task<T> CheckCode<T>(ProvedAccount proved, Func<Task<T?>> spend) where T : class
    {
        var standing = await tries.BeginAsync(proved.Counted);
        try
        {
            if (standing.Admits && await spend() is { } done) return done;
            throw await tries.FailAsync(proved.Counted, standing, Refusal(proved, null), proved.Given.From);
        }
        finally
        {
            await tries.EndAsync(proved.Counted);
        }
    }

    /// <summary>Right altogether: the account's failures are forgotten; its address's are not, or one own account
    /// would let somebody guess at all the others.</summary>
    public Task Succeed(ProvedAccount proved) =>
        tries.ForgetAsync(proved.TenantName, proved.Account.Name);

    /// <summary>On record, within what strangers may fill: no failure, but nothing is given either.</summary>
    internal Task Refuse(ProvedAccount proved, string why) => Refuse(Refusal(proved, why), proved.Given.From);

    internal Task Refuse(AuditEntry refusal, string? from) => tries.RecordAsync(refusal, from);

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
}

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
