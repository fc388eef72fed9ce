using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Control.Rotation;

internal sealed partial class RotationGrain
{
    public Task RotateOperatorToken(byte[] hash) =>
        ServiceProvider.GetRequiredService<OperatorTokenRenewal>().RenewAsync(hash, CancellationToken.None);
}
