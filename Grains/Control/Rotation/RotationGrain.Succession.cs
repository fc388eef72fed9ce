using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace AMA.Grains.Control.Rotation;

internal sealed partial class RotationGrain
{
    private RegionSuccession Succession => ServiceProvider.GetRequiredService<RegionSuccession>();

    public async Task RotateSigning()
    {
        await Record("csk");
        await Succession.RenewSigningAsync(CancellationToken.None);
        LogDone("csk");
    }

    public async Task RotateAuthority()
    {
        await Record("ca");
        await Succession.RenewAuthorityAsync(CancellationToken.None);
        LogDone("ca");
    }

    public async Task TendSuccession()
    {
        await Succession.EndAsync(CancellationToken.None);
        if (Succession.IsSigningDue) await RotateSigning();
        if (Succession.IsAuthorityDue) await RotateAuthority();
    }
}
