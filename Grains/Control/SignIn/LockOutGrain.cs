using System.Globalization;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
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
    [Alias("is-locked"), AlwaysInterleave] Task<bool> IsLocked(string key);

    /// <summary>Until when this failure locks; null when it doesn't, or when it was locked before.</summary>
    [Alias("fail")] Task<DateTimeOffset?> Fail(string key, int free);

    [Alias("forget")] Task Forget(string key);
}

internal static class LockOutShards
{
    private const int ShardDigits = 2;

    /// <summary>256 shards, by the first byte of the key.</summary>
    public static ILockOutGrain LockOut(this IGrainFactory grains, Region region, string key) =>
        grains.GetGrain<ILockOutGrain>(
            string.Create(CultureInfo.InvariantCulture, $"{region.Text()}/{key[..ShardDigits]}"));

    public static Task ForgetFailures(this IGrainFactory grains, Region region, string tenant, string user)
    {
        var key = SignIn.LockOut.AccountKey(tenant, user);
        return grains.LockOut(region, key).Forget(key);
    }
}

[GrainType("ama.control.lock-out")]
public sealed class LockOutGrain(
    [PersistentState("lock-out", ControlStorage.Name)] IPersistentState<LockOutState> stored,
    KeyRing ring, TimeProvider time, ILogger<LockOutGrain> log) : Grain, ILockOutGrain
{
    private DurableState<LockOutState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        return Task.CompletedTask;
    }

    Task<bool> ILockOutGrain.IsLocked(string key) => Task.FromResult(_state.Value.IsLocked(key, time.GetUtcNow()));

    async Task<DateTimeOffset?> ILockOutGrain.Fail(string key, int free)
    {
        var now = time.GetUtcNow();
        var wasLocked = _state.Value.IsLocked(key, now);
        // Written for a locked one as well: every refusal costs the same.
        await _state.WriteAsync(_state.Value.Fail(key, free, now));
        return !wasLocked && _state.Value.IsLocked(key, now) ? _state.Value.Find(key)!.LockedUntil : null;
    }

    Task ILockOutGrain.Forget(string key) =>
        _state.Value.Find(key) is null ? Task.CompletedTask : _state.WriteAsync(_state.Value.Forget(key));
}
