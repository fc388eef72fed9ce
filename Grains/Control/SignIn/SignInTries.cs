using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Counts tries, before it is known what comes of them, and failures, durably and on record. Every refusal costs the
/// same writes.
/// </summary>
public sealed class SignInTries(IGrainFactory grains, KeyRing ring, RefusalRecord refusals, TimeProvider time)
{
    /// <summary>What a try counts for: its account first, then its address where that is known.</summary>
    public static FailureKey[] KeysOf(string tenantName, string user, string? from)
    {
        var account = LockOut.Account(tenantName, user);
        return from is null ? [account] : [account, LockOut.Address(from)];
    }

    /// <summary>Has to be followed by <see cref="EndAsync"/>.</summary>
    internal async Task<TryStanding> BeginAsync(FailureKey[] keys)
    {
        var standings = await Task.WhenAll(keys.Select(key => grains.LockOut(ring.Region, key).Begin(key)));
        return new(standings[0], standings.Length > 1 ? standings[1] : null);
    }

    internal Task EndAsync(FailureKey[] keys) =>
        Task.WhenAll(keys.Select(key => grains.LockOut(ring.Region, key).End(key)));

    /// <summary>
    /// Counts and records the failure; answers what the caller throws. <paramref name="right"/> credentials that came
    /// at the wrong moment count for nothing.
    /// </summary>
    internal async Task<ControlException> FailAsync(
        FailureKey[] keys, TryStanding standing, AuditEntry refusal, string? from, bool right = false)
    {
        var locks = await Task.WhenAll(keys.Select(
            key => grains.LockOut(ring.Region, key).Fail(key, count: !right)));
        foreach (var until in locks.OfType<DateTimeOffset>())
            await refusals.RecordAlwaysAsync(
                refusal with { Act = AuditAct.LockOut, Detail = $"until {until:yyyy-MM-ddTHH:mm:ssZ}" });
        await refusals.RecordAsync(refusal with { Reason = standing.Reason }, from);
        return standing.Refusal(time.GetUtcNow());
    }

    public Task ForgetAsync(string tenantName, string user) => grains.ForgetFailures(ring.Region, tenantName, user);

    /// <summary>A refusal that is no failure.</summary>
    internal Task RecordAsync(AuditEntry refusal, string? from) => refusals.RecordAsync(refusal, from);
}

/// <summary>Where the account and the address of a try stand.</summary>
/// <param name="Address">Null: not known.</param>
internal sealed record TryStanding(FailureStanding Account, FailureStanding? Address)
{
    /// <summary>
    /// An account's lock stops everybody; an address's only tries at accounts that have failures of their own:
    /// whoever mistyped nothing gets in, whatever others behind the same address do.
    /// </summary>
    public bool Admits => !Account.Locked && !(IsAddressLocked && Account.HasFailures);

    public string Reason => IsAddressLocked
        ? "wrong tenant, user, password or code, or too many failures from the address"
        : "wrong tenant, user, password or code, or locked";

    private bool IsAddressLocked => Address is { Locked: true };

    /// <summary>From a locked address the same for every account, so that it tells nothing of any.</summary>
    public ControlException Refusal(DateTimeOffset now) => IsAddressLocked
        ? new(ControlRefusal.TooManyTries, "Too many sign-ins from your address failed. Wait a little, then try again.")
        {
            RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling((Address!.Until - now).TotalSeconds)),
        }
        : new(ControlRefusal.NotAuthorised, Credentials.Refused);
}
