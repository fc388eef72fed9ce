using System.Globalization;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Failed sign-ins, durable: starting Control anew opens no lock. Key: "{region}/{shard}", so that strangers who guess
/// names make no more states than there are shards.
/// </summary>
[Alias("ama.control.internal.lock-out")]
internal interface ILockOutGrain : IGrainWithStringKey
{
    /// <summary>
    /// Counts a try before it is known what comes of it, until <see cref="End"/>. Throws
    /// <see cref="ControlException"/> (Unavailable) when far too many are under way.
    /// </summary>
    [Alias("begin"), AlwaysInterleave] Task<FailureStanding> Begin(FailureKey key);

    [Alias("end"), AlwaysInterleave] Task End(FailureKey key);

    /// <summary>Until when this failure locks; null when it doesn't, or when it was locked before.</summary>
    /// <param name="count">False: written, like every failure, and counted for nothing.</param>
    [Alias("fail")] Task<DateTimeOffset?> Fail(FailureKey key, bool count);

    [Alias("forget")] Task Forget(FailureKey key);
}

internal static class LockOutShards
{
    private const int ShardDigits = 2;

    /// <summary>256 shards, by the first byte of the key.</summary>
    public static ILockOutGrain LockOut(this IGrainFactory grains, Region region, FailureKey key) =>
        grains.GetGrain<ILockOutGrain>(
            string.Create(CultureInfo.InvariantCulture, $"{region.Text()}/{key.Key[..ShardDigits]}"));

    public static Task ForgetFailures(this IGrainFactory grains, Region region, string tenant, string user)
    {
        var key = SignIn.LockOut.Account(tenant, user);
        return grains.LockOut(region, key).Forget(key);
    }
}

[GrainType("ama.control.lock-out")]
public sealed class LockOutGrain(
    [PersistentState("lock-out", ControlStorage.Name)] IPersistentState<LockOutState> stored,
    KeyRing ring, TimeProvider time, ILogger<LockOutGrain> log) : Grain, ILockOutGrain
{
    /// <summary>When a try has to wait for those under way.</summary>
    private static readonly TimeSpan UnderWayWait = TimeSpan.FromSeconds(1);

    private readonly TriesUnderWay _underWay = new();
    private DurableState<LockOutState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        return Task.CompletedTask;
    }

    Task<FailureStanding> ILockOutGrain.Begin(FailureKey key)
    {
        var now = time.GetUtcNow();
        var failures = _state.Value.Failures(key, now);
        var mustWait = key.MustWait(failures, _underWay.Count(key.Key, now));
        if (!_underWay.TryBegin(key.Key, now))
            throw new ControlException(ControlRefusal.Unavailable, "Too many sign-ins at once; try again.");
        var locked = _state.Value.IsLocked(key.Key, now);
        var until = locked ? _state.Value.Find(key.Key)!.LockedUntil : now + UnderWayWait;
        return Task.FromResult(new FailureStanding(locked || mustWait, until, failures > 0));
    }

    Task ILockOutGrain.End(FailureKey key)
    {
        _underWay.End(key.Key);
        return Task.CompletedTask;
    }

    async Task<DateTimeOffset?> ILockOutGrain.Fail(FailureKey key, bool count)
    {
        var now = time.GetUtcNow();
        var wasLocked = _state.Value.IsLocked(key.Key, now);
        // Written for a locked one as well: every refusal costs the same.
        await _state.WriteAsync(_state.Value.Fail(key, now, count));
        return !wasLocked && _state.Value.IsLocked(key.Key, now) ? _state.Value.Find(key.Key)!.LockedUntil : null;
    }

    Task ILockOutGrain.Forget(FailureKey key) =>
        _state.Value.Find(key.Key) is null ? Task.CompletedTask : _state.WriteAsync(_state.Value.Forget(key.Key));
}
