using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>Recovery codes that were used. Key: "{region}/{shard}".</summary>
[Alias("ama.control.internal.spent-codes")]
internal interface ISpentCodesGrain : IGrainWithStringKey
{
    /// <summary>
    /// Uses up a code; null: it is used already. Durable when it returns; its mark goes with the entry of what the code
    /// was used for. Throws <see cref="Interfaces.Control.ControlException"/>.
    /// </summary>
    /// <param name="listed">Hashes of all codes of the person's account.</param>
    [Alias("spend")] Task<StateMark?> Spend(string key, byte[] hash, byte[][] listed);
}

[GrainType("ama.control.spent-codes")]
public sealed class SpentCodesGrain(
    [PersistentState("spent-codes", ControlStorage.Name)] IPersistentState<SpentCodesState> stored,
    KeyRing ring, TimeProvider time, ILogger<SpentCodesGrain> log) : Grain, ISpentCodesGrain
{
    private MarkedState<SpentCodesState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        var audit = GrainFactory.GetGrain<IAuditGrain>(ring.Region.Text());
        _state = new(stored, audit, time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    async Task<StateMark?> ISpentCodesGrain.Spend(string key, byte[] hash, byte[][] listed) =>
        _state.Value.Spend(key, hash, listed) is { } next ? await _state.WriteUnmarkedAsync(next) : null;
}
