using AMA.Grains.Control.Survival;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Control.Leases;

public sealed partial class LeaseGrain : IReplayedKeysGrain
{
    private RestoredTenants Restored => ServiceProvider.GetRequiredService<RestoredTenants>();

    Task<ReplayStart?> IReplayedKeysGrain.Begin() =>
        Task.FromResult(_tenant is not null && _state.Exists ? Restored.Begin(_state.Value) : null);

    async Task IReplayedKeysGrain.Replay(ReplayPiece piece)
    {
        if (Restored.Replay(_state.Value, piece) is { } next) await _state.WriteAsync(next);
    }

    private async Task OpenStateAsync()
    {
        await _state.CheckAsync();
        await _state.CatchUpAsync(state => Task.FromResult(Restored.CatchUp(state)));
    }
}
