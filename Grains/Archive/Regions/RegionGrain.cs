using AMA.Adapters.Hosting;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Search;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

/// <summary>The region as a whole: totals for operators, and the waking of what a stop or crash left unfinished.</summary>
public sealed class RegionGrain(
    Sessions sessions,
    SiloIdentity identity,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    TimeProvider time,
    ILogger<RegionGrain> log)
    : Grain, IRegionGrain
{
    private readonly TenantRounds _rounds = new(time);
    private IReadOnlyList<TenantId>? _tenants;
    private DocumentsIssue? _issue;

    public async Task<StatusView> Status(string accessToken)
    {
        await sessions.VerifyOperatorAsync(accessToken);
        var spool = await Spool.Status(null);
        var sum = new TenantStatus(0, 0, 0, "none", null);
        foreach (var one in await _rounds.StatusesAsync(await KnownTenantsAsync(), AskAsync))
            sum = Add(sum, one);
        return StatusViews.Of(sum, spool, spool.Quarantined);
    }

    public async Task Tend()
    {
        await Spool.Wake();
        await _rounds.WakeAsync(await TenantsAsync(), WakeAsync);
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

    /// <summary>While Control is away, operators are told of the tenants there were.</summary>
    private async Task<IReadOnlyList<TenantId>> KnownTenantsAsync()
    {
        try
        {
            return await TenantsAsync();
        }
        catch (Exception) when (_tenants is not null)
        {
            return _tenants;
        }
    }

    private async Task<IReadOnlyList<TenantId>> TenantsAsync()
    {
        await identity.EnsureAsync();
        var papers = control.Client.GetGrain<IDirectoryGrain>(this.GetPrimaryKeyString());
        if (await papers.News(_issue) is not { } documents) return _tenants!;
        if (!DirectoryDocument.TryVerify(documents.Directory, identity.SigningKey, out var directory))
            throw new ArchiveException(ArchiveRefusal.Unavailable, "the directory is not signed by Control");
        _issue = documents.Issue;
        return _tenants = [.. directory.Tenants.Select(published => new TenantId(published.Tenant))];
    }

    /// <summary>Of a region's leases the worst state is told.</summary>
    private static TenantStatus Add(TenantStatus sum, TenantStatus one) => new(
        sum.Archived + one.Archived, sum.Duplicates + one.Duplicates, sum.Indexed + one.Indexed,
        sum.LeaseState == "locked" || one.LeaseState == "none" ? sum.LeaseState : one.LeaseState,
        Min(sum.LeaseExpiresAt, one.LeaseExpiresAt));

    private static DateTimeOffset? Min(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;
}
