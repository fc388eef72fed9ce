using AMA.Archive.Ids;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>What the silo calls every hour, so that Control survives and forgets in time.</summary>
public sealed class SurvivalCare(IGrainFactory grains)
{
    public Task TendAsync(Region region) => grains.GetGrain<IErasureGrain>(region.Text()).Tend();

    /// <summary>Erasure keys that are late ("store/week"), and how many states were refused in the last round.</summary>
    public async Task<(string[] Late, int Refused)> TroublesAsync(Region region)
    {
        var status = await grains.GetGrain<IErasureGrain>(region.Text()).Status();
        return (status.Late, status.Refused);
    }
}
