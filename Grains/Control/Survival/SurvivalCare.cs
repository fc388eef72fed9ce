using AMA.Archive.Ids;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.SignIn;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>What the silo calls every hour, so that Control survives and forgets in time.</summary>
public sealed class SurvivalCare(IGrainFactory grains)
{
    /// <summary>Calls of one round: far more than a region has pages.</summary>
    private const int CallsMax = 1_000_000;

    /// <summary>
    /// Erasing first; and whatever one of them meets, the others have their turn. Throws what they met.
    /// </summary>
    public async Task TendAsync(Region region)
    {
        var faults = new List<Exception>();
        await TryAsync(() => EraseAsync(region), faults);
        RotationKind[] due = [];
        await TryAsync(async () => due = await Rotation(region).Due(), faults);
        foreach (var kind in due) await TryAsync(() => RotateDueAsync(region, kind), faults);
        await TryAsync(() => Rotation(region).TendSuccession(), faults);
        if (faults.Count > 0) throw new AggregateException(faults);
    }

    /// <summary>
    /// Rotates, or goes on with a rotation that is under way, until nothing is left to do now. Given up half-way, the
    /// next hour goes on.
    /// </summary>
    /// <param name="step">Is told after each step how far it is.</param>
    public async Task<RotationStep> RotateAsync(
        Region region, RotationKind kind, Func<RotationStep, Task> step, CancellationToken cancel)
    {
        var begun = await Rotation(region).Begin(kind);
        return await FinishAsync(region, begun, step, cancel);
    }

    public Task RotateTenantAsync(Region region, Guid tenant) => Rotation(region).RotateTenant(tenant);

    public Task RotateSigningAsync(Region region) => Rotation(region).RotateSigning();

    public Task RotateAuthorityAsync(Region region) =>
        Rotation(region).RotateAuthority();

    /// <param name="hash">SHA-256 of the new token's text.</param>
    public Task RotateOperatorTokenAsync(Region region, byte[] hash) =>
        Rotation(region).RotateOperatorToken(hash);

    /// <summary>Ends what was granted to holders of the operator token: each has to ask again, with the token of now.</summary>
    public Task EndOperatorGrantsAsync(Region region) =>
        grains.SessionsOf(region, null, SessionShards.OperatorName).EndAll(SessionShards.OperatorName);

    /// <summary>Rotations that are under way.</summary>
    public Task<RotationStep[]> RotationsAsync(Region region) => Rotation(region).Status();

    /// <summary>Erasure keys that are late ("store/week"), and how many states were refused in the last round.</summary>
    public async Task<(string[] Late, int Refused)> TroublesAsync(Region region)
    {
        var status = await grains.GetGrain<IErasureGrain>(region.Text()).Status();
        return (status.Late, status.Refused);
    }

    private IRotationGrain Rotation(Region region) => grains.GetGrain<IRotationGrain>(region.Text());

    private async Task RotateDueAsync(Region region, RotationKind kind)
    {
        var begun = await Rotation(region).BeginDue(kind);
        await FinishAsync(region, begun, _ => Task.CompletedTask, CancellationToken.None);
    }

    private async Task<RotationStep> FinishAsync(
        Region region, RotationStep at, Func<RotationStep, Task> step, CancellationToken cancel)
    {
        for (var calls = 0; !at.IsOver && calls < CallsMax; calls++)
        {
            await step(at);
            cancel.ThrowIfCancellationRequested();
            at = await Rotation(region).Step(at.Kind);
        }
        return at;
    }

    private async Task EraseAsync(Region region)
    {
        var erasure = grains.GetGrain<IErasureGrain>(region.Text());
        for (var calls = 0; calls < CallsMax; calls++)
            if (await erasure.Tend()) return;
    }

    private static async Task TryAsync(Func<Task> step, List<Exception> faults)
    {
        try
        {
            await step();
        }
        catch (Exception fault)
        {
            faults.Add(fault);
        }
    }
}
