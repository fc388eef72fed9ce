using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>What the silo calls every hour, so that Control survives and forgets in time.</summary>
public sealed class SurvivalCare(IGrainFactory grains)
{
    public Task TendAsync(string region) => grains.GetGrain<IErasureGrain>(region).Tend();
}
