using System.Security.Cryptography;
using System.Text;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// How failures lock: some are free, then each makes the wait twice as long, up to a bound. Never for good, or a
/// stranger could shut anybody out; and tries during a wait make it no longer.
/// </summary>
public static class LockOut
{
    /// <summary>Of one account: what a person mistypes.</summary>
    public const int AccountFreeFailures = 5;

    /// <summary>Of one address: a house full of people behind it. Its count halves every hour.</summary>
    public const int AddressFreeFailures = 30;

    public static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan AccountWaitMax = TimeSpan.FromMinutes(15);

    /// <summary>Short: whoever mistyped once behind a busy address waits this long at most.</summary>
    public static readonly TimeSpan AddressWaitMax = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan AddressHalfLife = TimeSpan.FromHours(1);

    /// <summary>Without a failure for so long, the earlier ones are forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>The account, whether there is such a one or not.</summary>
    public static FailureKey Account(string tenant, string user) =>
        new(Key($"account\0{tenant}\0{user}"), AccountFreeFailures, AccountWaitMax, IsAddress: false);

    public static FailureKey Address(string from) =>
        new(Key($"address\0{from}"), AddressFreeFailures, AddressWaitMax, IsAddress: true);

    private static string Key(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 16);
}

/// <summary>What failures are counted for, and by which rule.</summary>
/// <param name="Key">32 hex digits; names nobody.</param>
/// <param name="Free">How many lock nothing.</param>
/// <param name="IsAddress">Many people's: its count halves every hour.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.failure-key")]
public sealed record FailureKey(
    [property: Id(0)] string Key, [property: Id(1)] int Free, [property: Id(2)] TimeSpan WaitMax,
    [property: Id(3)] bool IsAddress)
{
    private const int DoublingsMax = 20;

    public TimeSpan WaitAfter(double failures)
    {
        var doublings = Math.Floor(failures) - Free - 1;
        if (doublings < 0) return TimeSpan.Zero;
        var wait = LockOut.FirstWait * Math.Pow(2, Math.Min(doublings, DoublingsMax));
        return wait < WaitMax ? wait : WaitMax;
    }

    /// <summary>
    /// Whether a try must wait for those under way: an account's when all of them together could lock, an address's
    /// when one more failure does. Else guesses at the same moment would pass a lock that the first of them makes.
    /// </summary>
    public bool MustWait(double failures, int underWay) =>
        underWay > 0 && WaitAfter(failures + (IsAddress ? 1 : underWay)) > TimeSpan.Zero;
}

/// <summary>Where an account or address stands when a try begins.</summary>
/// <param name="Until">When it is locked: until when.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.failure-standing")]
public sealed record FailureStanding(
    [property: Id(0)] bool Locked, [property: Id(1)] DateTimeOffset Until, [property: Id(2)] bool HasFailures);

/// <summary>Failures of some accounts and addresses. A value, bounded: strangers choose what is counted.</summary>
public sealed record LockOutState
{
    /// <summary>Beyond, the ones with the fewest failures are forgotten first: flooding forgets no real lock.</summary>
    public const int EntriesMax = 1024;

    public FailureCount[] Entries { get; init; } = [];

    public FailureCount? Find(string key) => Array.Find(Entries, entry => entry.Key == key);

    public bool IsLocked(string key, DateTimeOffset now) => Find(key) is { } entry && now < entry.LockedUntil;

    /// <summary>What is left of them now.</summary>
    public double Failures(FailureKey key, DateTimeOffset now)
    {
        if (Find(key.Key) is not { } entry || now - entry.LastAt >= LockOut.Memory) return 0;
        var age = now > entry.LastAt ? now - entry.LastAt : TimeSpan.Zero;
        return key.IsAddress ? entry.Failures * Math.Pow(0.5, age / LockOut.AddressHalfLife) : entry.Failures;
    }

    /// <summary>
    /// One more failure; during a wait, or when it does <paramref name="count"/> for nothing, it only stands as tried:
    /// the wait gets neither longer nor cheaper.
    /// </summary>
    public LockOutState Fail(FailureKey key, DateTimeOffset now, bool count = true)
    {
        var before = Find(key.Key);
        var counts = count && !IsLocked(key.Key, now);
        var failures = Failures(key, now) + (counts ? 1 : 0);
        var until = counts ? now + key.WaitAfter(failures) : before?.LockedUntil ?? now;
        return new() { Entries = [new(key.Key, failures, now, until), .. Others(key.Key, now)] };
    }

    public LockOutState Forget(string key) => new() { Entries = [.. Entries.Where(entry => entry.Key != key)] };

    private IEnumerable<FailureCount> Others(string key, DateTimeOffset now)
    {
        var others = Entries.Where(entry => entry.Key != key && now - entry.LastAt < LockOut.Memory).ToArray();
        return others.Length < EntriesMax ? others : others
            .OrderByDescending(entry => entry.Failures).ThenByDescending(entry => entry.LastAt).Take(EntriesMax - 1);
    }
}

/// <param name="Key">Of a <see cref="FailureKey"/>.</param>
/// <param name="Failures">At <paramref name="LastAt"/>; of an address with the fraction that halving leaves.</param>
public sealed record FailureCount(string Key, double Failures, DateTimeOffset LastAt, DateTimeOffset LockedUntil);
