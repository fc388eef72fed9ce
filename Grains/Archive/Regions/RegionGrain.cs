using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Search;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

/// <summary>The region as a whole: totals for operators, and the waking of what a stop or crash left unfinished.</summary>
public sealed class RegionGrain(
    Sessions sessions, RegionDirectory directory, AlarmBook alarms, TimeProvider time, ILogger<RegionGrain> log)
    : Grain, IRegionGrain
{
    private readonly TenantRounds _rounds = new(time);
    private SilenceRounds _silence = null!;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _silence = new(() => Spool.Sources(null), SourcesOf, time);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        alarms.Leave();
        return Task.CompletedTask;
    }

    public async Task<StatusView> Status(string accessToken)
    {
        await sessions.VerifyOperatorAsync(accessToken);
        var spool = await Spool.Status(null);
        var sum = new TenantStatus(0, 0, 0, "none", null);
        foreach (var one in await _rounds.StatusesAsync(Ids(await directory.KnownAsync()), AskAsync))
            sum = Add(sum, one);
        return StatusViews.Of(sum, spool, spool.Quarantined, [.. spool.Gaps, .. alarms.Lasting]);
    }

    public async Task<AlarmView[]> Alarms(string accessToken, Guid tenant)
    {
        await sessions.VerifyAsync(accessToken, new TenantId(tenant));
        return [.. alarms.Lasting.Where(alarm => alarm.Tenant == tenant)];
    }

    public async Task<SourceCountView[]> Sources(string accessToken, Guid tenant)
    {
        await sessions.VerifyKeeperAsync(accessToken, new TenantId(tenant));
        var waiting = (await Spool.Sources(tenant)).Waiting.ToDictionary(one => one.Source);
        var counted = (await ArchiveOf(new TenantId(tenant)).Sources()).ToDictionary(one => one.Source);
        var silent = alarms.Lasting.Where(alarm => alarm.Tenant == tenant).ToDictionary(alarm => alarm.Source!.Value);
        return [.. waiting.Keys.Union(counted.Keys).Union(silent.Keys).Select(source => SourceViews.Of(
            source, counted.GetValueOrDefault(source), waiting.GetValueOrDefault(source),
            silent.GetValueOrDefault(source)?.Since))];
    }

    public async Task Tend()
    {
        await Spool.Wake();
        var tenants = await directory.KnownAsync();
        if (directory.IsCurrent) await _rounds.WakeAsync(Ids(tenants), WakeAsync);
        if (_silence.Due) await LookAsync(tenants);
    }

    private async Task LookAsync(PublishedTenant[] tenants)
    {
        alarms.Update(await _silence.LookAsync(tenants));
        alarms.Tell(await Spool.Status(null), _silence.BehindSeconds);
    }

    private static IReadOnlyList<TenantId> Ids(PublishedTenant[] tenants) =>
        [.. tenants.Select(one => new TenantId(one.Tenant))];

    private async Task<SourceTally[]?> SourcesOf(TenantId tenant)
    {
        try
        {
            return await ArchiveOf(tenant).Sources();
        }
        catch (Exception fault)
        {
            RegionLog.Silent(log, tenant, fault.Message);
            return null;
        }
    }

    private async Task<TenantStatus?> AskAsync(TenantId tenant)
    {
        try
        {
            return await ArchiveOf(tenant).Status();
        }
        catch (Exception fault)
        {
            RegionLog.Silent(log, tenant, fault.Message);
            return null;
        }
    }

    private async Task<bool> WakeAsync(TenantId tenant)
    {
        try
        {
            await ArchiveOf(tenant).Recover();
            _rounds.Tell(tenant, await ArchiveOf(tenant).Status());
            return true;
        }
        catch (Exception e)
        {
            RegionLog.NotRecovered(log, tenant, e.Message);
            return false;
        }
    }

    private ISpoolReaderGrain Spool => GrainFactory.GetGrain<ISpoolReaderGrain>(this.GetPrimaryKeyString());

    private IArchiveGrain ArchiveOf(TenantId tenant) => GrainFactory.GetGrain<IArchiveGrain>(tenant.ToString());

    /// <summary>Of a region's leases the worst state is told.</summary>
    private static TenantStatus Add(TenantStatus sum, TenantStatus one) => new(
        sum.Archived + one.Archived, sum.Duplicates + one.Duplicates, sum.Indexed + one.Indexed,
        sum.LeaseState == "locked" || one.LeaseState == "none" ? sum.LeaseState : one.LeaseState,
        Min(sum.LeaseExpiresAt, one.LeaseExpiresAt));

    private static DateTimeOffset? Min(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;
}
