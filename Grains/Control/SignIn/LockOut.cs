using System.Security.Cryptography;
using System.Text;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// How failures lock: some are free, then each makes the wait twice as long, up to a quarter of an hour. Never for
/// good, or a stranger could shut anybody out; and tries during a wait make it no longer.
/// </summary>
public static class LockOut
{
    /// <summary>Of one account: what a person mistypes.</summary>
    public const int AccountFreeFailures = 5;

    /// <summary>Of one address: a house full of people behind it.</summary>
    public const int AddressFreeFailures = 30;

    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(15);

    /// <summary>Without a failure for so long, the earlier ones are forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    public static TimeSpan WaitAfter(int failures, int free)
    {
        var doublings = failures - free - 1;
        if (doublings < 0) return TimeSpan.Zero;
        var wait = FirstWait * Math.Pow(2, Math.Min(doublings, 20));
        return wait < WaitMax ? wait : WaitMax;
    }

    /// <summary>A name for the account, whether there is such a one or not.</summary>
    public static string AccountKey(string tenant, string user) => Key($"account\0{tenant}\0{user}");

    public static string AddressKey(string from) => Key($"address\0{from}");

    private static string Key(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 16);
}

/// <summary>Failures of some accounts and addresses. A value, bounded: strangers choose what is counted.</summary>
public sealed record LockOutState
{
    /// <summary>Beyond, the ones with the fewest failures are forgotten first: flooding forgets no real lock.</summary>
    public const int EntriesMax = 1024;

    public FailureCount[] Entries { get; init; } = [];

    public FailureCount? Find(string key) => Array.Find(Entries, entry => entry.Key == key);

    public bool IsLocked(string key, DateTimeOffset now) => Find(key) is { } entry && now < entry.LockedUntil;

    /// <summary>
    /// One more failure; during a wait it only stands as tried, so that the wait is neither longer nor cheaper.
    /// </summary>
    public LockOutState Fail(string key, int free, DateTimeOffset now)
    {
        var before = Find(key);
        if (before is not null && now - before.LastAt >= LockOut.Memory) before = null;
        var locked = before is not null && now < before.LockedUntil;
        var failures = (before?.Failures ?? 0) + (locked ? 0 : 1);
        var until = locked ? before!.LockedUntil : now + LockOut.WaitAfter(failures, free);
        return new() { Entries = [new(key, failures, now, until), .. Others(key, now)] };
    }

    public LockOutState Forget(string key) => new() { Entries = [.. Entries.Where(entry => entry.Key != key)] };

    private IEnumerable<FailureCount> Others(string key, DateTimeOffset now)
    {
        var others = Entries.Where(entry => entry.Key != key && now - entry.LastAt < LockOut.Memory).ToArray();
        return others.Length < EntriesMax ? others : others
            .OrderByDescending(entry => entry.Failures).ThenByDescending(entry => entry.LastAt).Take(EntriesMax - 1);
    }
}

/// <param name="Key"><see cref="LockOut.AccountKey"/> or <see cref="LockOut.AddressKey"/>.</param>
public sealed record FailureCount(string Key, int Failures, DateTimeOffset LastAt, DateTimeOffset LockedUntil);
