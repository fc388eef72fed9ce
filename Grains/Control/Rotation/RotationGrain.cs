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
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Rotation;

/// <summary>Rotates wrapping keys while leases go on: keys are wrapped anew, no data is touched. Key: the region.</summary>
[Alias("ama.control.internal.rotation")]
internal interface IRotationGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins to make a new key and to wrap everything under it again; or, when that is under way, goes on with it, and
    /// tries again what failed. Then <see cref="Step"/>, until it is over.
    /// </summary>
    [Alias("begin"), ResponseTimeout("00:02:00")] Task<RotationStep> Begin(RotationKind kind);

    /// <summary>The same, but only what <see cref="Due"/> says: two rounds at once must not rotate twice.</summary>
    [Alias("begin-due"), ResponseTimeout("00:02:00")] Task<RotationStep> BeginDue(RotationKind kind);

    /// <summary>The next few tenants. Where it stopped is durable.</summary>
    [Alias("step"), ResponseTimeout("00:02:00")] Task<RotationStep> Step(RotationKind kind);

    /// <summary>A new TKEK, and the tenant's keys wrapped again, in one write.</summary>
    [Alias("tenant")] Task RotateTenant(Guid tenant);

    /// <summary>A new CSK is published; the one before counts for <see cref="SuccessionTimes.Overlap"/>.</summary>
    [Alias("signing")] Task RotateSigning();

    /// <summary>A new CA is published; the one before counts for <see cref="SuccessionTimes.Overlap"/>.</summary>
    [Alias("authority")] Task RotateAuthority();

    /// <summary>Another operator token, by its hash; the one before is dead when it returns.</summary>
    [Alias("operator-token")] Task RotateOperatorToken(byte[] hash);

    /// <summary>Successors of CSK and CA whose day has come. Once an hour.</summary>
    [Alias("tend-succession")] Task TendSuccession();

    /// <summary>What was cut, and what is a year old. Once an hour: keys forgotten an hour ago leave the memory.</summary>
    [Alias("due")] Task<RotationKind[]> Due();

    /// <summary>Rotations that are under way. Reads what is durable, so it needs no turn.</summary>
    [Alias("status"), AlwaysInterleave] Task<RotationStep[]> Status();
}

[GrainType("ama.control.rotation")]
internal sealed partial class RotationGrain(
    [PersistentState("rotation", ControlStorage.Name)] IPersistentState<RotationState> stored,
    RegionRotation region, KeyRing ring, TimeProvider time, ILogger<RotationGrain> log) : Grain, IRotationGrain
{
    private static readonly TimeSpan Yearly = TimeSpan.FromDays(365);

    private Guid[] _tenants = [];
    private MarkedState<RotationState> _state = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task<RotationStep> Begin(RotationKind kind)
    {
        if (!await IsUnderWay(kind)) await Record(NameOf(kind));
        switch (kind)
        {
            case RotationKind.Root:
                if (await EndStale() is { } ended) return ended;
                await region.BeginRootAsync(CancellationToken.None);
                break;
            case RotationKind.Store:
                await region.BeginStoreAsync(CancellationToken.None);
                return await EndStore();
        }
        var round = (Live(kind) ?? new(0, []) { To = KeyOf(kind) }).TryAgain();
        await _state.WriteAsync(_state.Value.With(kind, round));
        return At(kind, round, isOver: false);
    }

    public async Task<RotationStep> BeginDue(RotationKind kind) =>
        (await DueKinds()).Contains(kind) ? await Begin(kind) : new(kind, 0, 0, 0, IsOver: true);

    public async Task<RotationStep> Step(RotationKind kind)
    {
        if (Live(kind) is not { } round) return new(kind, 0, 0, 0, IsOver: true);
        _tenants = await Tenants();
        var page = round.Page(_tenants);
        if (page.Length == 0) return round.Failed.Length == 0 ? await End(kind, round) : At(kind, round, isOver: true);
        var after = round.After(page, await Rewrap(kind, page));
        if (after.Failed.Length > TenantRound.FailedMax) return At(kind, round, isOver: true);
        round = after;
        await _state.WriteAsync(_state.Value.With(kind, round));
        return At(kind, round, isOver: false);
    }

    public async Task RotateTenant(Guid tenant)
    {
        if (!_tenants.Contains(tenant)) _tenants = await Tenants();
        if (!_tenants.Contains(tenant)) throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
        await Record($"tkek {tenant:N}");
        await KeysOf(tenant).Rewrap(newKey: true);
    }

    public Task<RotationKind[]> Due()
    {
        region.ZeroForgotten();
        return DueKinds();
    }

    private async Task<RotationKind[]> DueKinds()
    {
        var now = time.GetUtcNow();
        var state = _state.Value;
        if (state.Root is null || state.Store is null || state.Tenants is null)
            await _state.WriteAsync(state = state with
            {
                Root = state.Root ?? now, Store = state.Store ?? now, Tenants = state.Tenants ?? now,
            });
        var due = new List<RotationKind>();
        if (await IsUnderWay(RotationKind.Root) || now - state.Root > Yearly) due.Add(RotationKind.Root);
        if (await IsUnderWay(RotationKind.Store) || now - state.Store > Yearly) due.Add(RotationKind.Store);
        if (await IsUnderWay(RotationKind.Tenants) || now - state.Tenants > Yearly) due.Add(RotationKind.Tenants);
        return [.. due];
    }

    public Task<RotationStep[]> Status() => Task.FromResult<RotationStep[]>(
        [.. Enum.GetValues<RotationKind>().Select(kind => _state.Value.RoundOf(kind) is { } round
            ? At(kind, round, isOver: false)
            : null).OfType<RotationStep>()]);

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    private ITenantKeysGrain KeysOf(Guid tenant) =>
        GrainFactory.GetGrain<ITenantKeysGrain>($"{this.GetPrimaryKeyString()}/{tenant:N}");

    private Task<Guid[]> Tenants() => GrainFactory.GetGrain<ITenantListGrain>(this.GetPrimaryKeyString()).Ids();

    private async Task<bool> IsUnderWay(RotationKind kind) => kind switch
    {
        RotationKind.Root =>
            _state.Value.RootRound is not null || await region.IsRootUnderWayAsync(CancellationToken.None),
        RotationKind.Store => region.IsStoreUnderWay,
        _ => _state.Value.TenantsRound is not null,
    };

    private Guid? KeyOf(RotationKind kind) => kind == RotationKind.Root ? region.RootKeyId : null;

    /// <summary>The round, unless it wrapped to another key than the newest: then all tenants must have their turn.</summary>
    private TenantRound? Live(RotationKind kind) =>
        _state.Value.RoundOf(kind) is { } round && round.To == KeyOf(kind) ? round : null;

    /// <summary>
    /// A round without its rotation came to its end, and only the write that says so failed. Another key must not take
    /// it for its own, or it would be thought to wrap all tenants. Null: there is none.
    /// </summary>
    private async Task<RotationStep?> EndStale()
    {
        if (_state.Value.RootRound is not { } round) return null;
        if (await region.IsRootUnderWayAsync(CancellationToken.None)) return null;
        await _state.WriteAsync(_state.Value.Ended(RotationKind.Root, time.GetUtcNow()));
        LogDone(NameOf(RotationKind.Root));
        return At(RotationKind.Root, round, isOver: true);
    }

    /// <summary>Those that failed. One tenant whose state is refused must not keep the others under an old key.</summary>
    private async Task<Guid[]> Rewrap(RotationKind kind, Guid[] page)
    {
        var done = await Task.WhenAll(page.Select(tenant => TryRewrap(kind, tenant)));
        return [.. page.Where((_, i) => !done[i])];
    }

    private async Task<bool> TryRewrap(RotationKind kind, Guid tenant)
    {
        try
        {
            await (kind == RotationKind.Root ? KeysOf(tenant).Rewrap(newKey: false) : RotateTenant(tenant));
            return true;
        }
        catch (Exception fault)
        {
            LogFailed(tenant, NameOf(kind), fault);
            return false;
        }
    }

    private async Task<RotationStep> End(RotationKind kind, TenantRound round)
    {
        if (kind == RotationKind.Root) await region.EndRootAsync(round.To, CancellationToken.None);
        await _state.WriteAsync(_state.Value.Ended(kind, time.GetUtcNow()));
        LogDone(NameOf(kind));
        return At(kind, round, isOver: true);
    }

    private async Task<RotationStep> EndStore()
    {
        await GrainFactory.GetGrain<IQueueKeysGrain>(this.GetPrimaryKeyString()).Rewrap();
        await GrainFactory.GetGrain<IPartitionKeysGrain>(this.GetPrimaryKeyString()).Rewrap();
        await region.EndStoreAsync(CancellationToken.None);
        await _state.WriteAsync(_state.Value.Ended(RotationKind.Store, time.GetUtcNow()));
        LogDone(NameOf(RotationKind.Store));
        return new(RotationKind.Store, 0, 0, 0, IsOver: true);
    }

    private RotationStep At(RotationKind kind, TenantRound round, bool isOver) =>
        new(kind, round.Next, Math.Max(_tenants.Length, round.Next), round.Failed.Length + round.Again.Length, isOver);

    private static string NameOf(RotationKind kind) => kind switch
    {
        RotationKind.Root => "rkek",
        RotationKind.Store => "skek",
        _ => "tkek of every tenant",
    };

    private Task Record(string what) => Audit.Append(
        new AuditEntry(AuditAct.KeyRotation, true, time.GetUtcNow()) { Targets = [what] }, null);

    [LoggerMessage(2, LogLevel.Error, "Tenant {tenant} was left out of the rotation of {what}; the next hour tries again")]
    private partial void LogFailed(Guid tenant, string what, Exception fault);

    [LoggerMessage(1, LogLevel.Information, "Rotation of {what} has come to its end")]
    private partial void LogDone(string what);
}
