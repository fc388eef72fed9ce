using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Rotation;

/// <summary>Rotates wrapping keys while leases go on: keys are wrapped anew, no data is touched. Key: the region.</summary>
[Alias("ama.control.internal.rotation")]
internal interface IRotationGrain : IGrainWithStringKey
{
    /// <summary>A new RKEK, and everything under it wrapped again. Cut anywhere, it goes on with the next call.</summary>
    [Alias("root")] Task RotateRoot();

    /// <summary>A new SKEK, and the queue keys wrapped again.</summary>
    [Alias("store")] Task RotateStore();

    /// <summary>A new TKEK, and the tenant's keys wrapped again, in one write.</summary>
    [Alias("tenant")] Task RotateTenant(Guid tenant);

    /// <summary>A new CSK is published; the one before counts for <see cref="SuccessionTimes.Overlap"/>.</summary>
    [Alias("signing")] Task RotateSigning();

    /// <summary>A new CA is published; the one before counts for <see cref="SuccessionTimes.Overlap"/>.</summary>
    [Alias("authority")] Task RotateAuthority();

    /// <summary>Another operator token, by its hash; the one before is dead when it returns.</summary>
    [Alias("operator-token")] Task RotateOperatorToken(byte[] hash);

    /// <summary>Ends what was cut, and rotates what is a year old.</summary>
    [Alias("tend")] Task Tend();
}

[GrainType("ama.control.rotation")]
internal sealed partial class RotationGrain(
    [PersistentState("rotation", ControlStorage.Name)] IPersistentState<RotationState> stored,
    RegionRotation region, KeyRing ring, TimeProvider time, ILogger<RotationGrain> log) : Grain, IRotationGrain
{
    private static readonly TimeSpan Yearly = TimeSpan.FromDays(365);

    private MarkedState<RotationState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task RotateRoot()
    {
        await Record("rkek");
        await region.BeginRootAsync(CancellationToken.None);
        await EndRoot();
    }

    public async Task RotateStore()
    {
        await Record("skek");
        await region.BeginStoreAsync(CancellationToken.None);
        await EndStore();
    }

    public async Task RotateTenant(Guid tenant)
    {
        await Record($"tkek {tenant:N}");
        await KeysOf(tenant).Rewrap(newKey: true);
    }

    public async Task Tend()
    {
        region.ZeroForgotten();
        if (await region.IsRootUnderWayAsync(CancellationToken.None)) await RotateRoot();
        if (region.IsStoreUnderWay) await EndStore();
        await TendSuccession();
        var now = time.GetUtcNow();
        var state = _state.Value;
        if (state.Root is null || state.Store is null || state.Tenants is null)
            await _state.WriteAsync(state with
            {
                Root = state.Root ?? now, Store = state.Store ?? now, Tenants = state.Tenants ?? now,
            });
        if (now - _state.Value.Root > Yearly) await RotateRoot();
        if (now - _state.Value.Store > Yearly) await RotateStore();
        if (now - _state.Value.Tenants > Yearly) await RotateTenants();
    }

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    private ITenantKeysGrain KeysOf(Guid tenant) =>
        GrainFactory.GetGrain<ITenantKeysGrain>($"{this.GetPrimaryKeyString()}/{tenant:N}");

    private Task<Guid[]> Tenants() => GrainFactory.GetGrain<ITenantListGrain>(this.GetPrimaryKeyString()).Ids();

    private async Task EndRoot()
    {
        foreach (var tenant in await Tenants()) await KeysOf(tenant).Rewrap(newKey: false);
        await region.EndRootAsync(CancellationToken.None);
        await _state.WriteAsync(_state.Value with { Root = time.GetUtcNow() });
        LogDone("rkek");
    }

    private async Task EndStore()
    {
        await GrainFactory.GetGrain<IQueueKeysGrain>(this.GetPrimaryKeyString()).Rewrap();
        await GrainFactory.GetGrain<IPartitionKeysGrain>(this.GetPrimaryKeyString()).Rewrap();
        await region.EndStoreAsync(CancellationToken.None);
        await _state.WriteAsync(_state.Value with { Store = time.GetUtcNow() });
        LogDone("skek");
    }

    private async Task RotateTenants()
    {
        foreach (var tenant in await Tenants()) await RotateTenant(tenant);
        await _state.WriteAsync(_state.Value with { Tenants = time.GetUtcNow() });
        LogDone("tkek of every tenant");
    }

    private Task Record(string what) => Audit.Append(
        new AuditEntry(AuditAct.KeyRotation, true, time.GetUtcNow()) { Targets = [what] }, null);

    [LoggerMessage(1, LogLevel.Information, "Rotation of {what} has come to its end")]
    private partial void LogDone(string what);
}
