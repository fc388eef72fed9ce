using AMA.Archive.Ids;
using AMA.Grains.Control.Rotation;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>What the silo calls every hour, so that Control survives and forgets in time.</summary>
public sealed class SurvivalCare(IGrainFactory grains)
{
    /// <summary>Erasing first, and whatever the rotation meets: what must go does not wait for what may.</summary>
    public async Task TendAsync(Region region)
    {
        try
        {
            await grains.GetGrain<IErasureGrain>(region.Text()).Tend();
        }
        finally
        {
            await grains.GetGrain<IRotationGrain>(region.Text()).Tend();
        }
    }

    public Task RotateRootAsync(Region region) => grains.GetGrain<IRotationGrain>(region.Text()).RotateRoot();

    public Task RotateStoreAsync(Region region) => grains.GetGrain<IRotationGrain>(region.Text()).RotateStore();

    public Task RotateSigningAsync(Region region) => grains.GetGrain<IRotationGrain>(region.Text()).RotateSigning();

    public Task RotateAuthorityAsync(Region region) =>
        grains.GetGrain<IRotationGrain>(region.Text()).RotateAuthority();

    /// <param name="hash">SHA-256 of the new token's text.</param>
    public Task RotateOperatorTokenAsync(Region region, byte[] hash) =>
        grains.GetGrain<IRotationGrain>(region.Text()).RotateOperatorToken(hash);

    public Task RotateTenantAsync(Region region, Guid tenant) =>
        grains.GetGrain<IRotationGrain>(region.Text()).RotateTenant(tenant);

    /// <summary>Erasure keys that are late ("store/week"), and how many states were refused in the last round.</summary>
    public async Task<(string[] Late, int Refused)> TroublesAsync(Region region)
    {
        var status = await grains.GetGrain<IErasureGrain>(region.Text()).Status();
        return (status.Late, status.Refused);
    }
}
