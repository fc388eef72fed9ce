using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;

namespace AMA.Gateway.Web.Clusters;

/// <summary>
/// The two clusters behind this gateway, as it may use them: the process boundary. Each member throws
/// <see cref="ClusterAwayException"/> until that cluster has been reached once.
/// </summary>
internal interface IClusters
{
    bool ProductionReady { get; }
    bool ControlReady { get; }

    /// <summary>Production: questions of a tenant's people.</summary>
    ISearchGrain Search(TenantId tenant);

    /// <summary>Production: what became of a tenant's deliveries.</summary>
    IDeliveriesGrain Deliveries(TenantId tenant);

    /// <summary>Production: what became of any delivery, for operators.</summary>
    IRegionReceiptsGrain RegionReceipts();

    /// <summary>Production: the region's totals.</summary>
    IRegionGrain Totals();

    /// <summary>Production: makes connected SMTP gateways learn a directory version.</summary>
    IRelayGrain Relay();

    /// <summary>Control: tenants and users of the region.</summary>
    IDirectoryGrain Directory();

    /// <summary>Control: sign-in at a tenant, named as people name it.</summary>
    ISignInGrain SignIn(TenantName tenant);

    /// <summary>Control: what persons of a tenant do to their own account.</summary>
    IOwnAccountGrain OwnAccount(TenantName tenant);

    /// <summary>Control: a tenant's users, for who keeps them.</summary>
    IUsersGrain Users(TenantName tenant);

    /// <summary>Control: who may send a tenant's mail, and its limits.</summary>
    ISourcesGrain Sources(TenantName tenant);

    /// <summary>Control: what it recorded about a tenant.</summary>
    IAuditReaderGrain Audit();

    /// <summary>Control: a tenant's maintenance jobs.</summary>
    IJobsGrain Jobs(TenantId tenant);

    /// <summary>Control: a tenant's export requests.</summary>
    IExportsGrain Exports(TenantId tenant);

    /// <summary>Control: a tenant's orders to erase.</summary>
    IErasureOrdersGrain Erasures(TenantId tenant);

    /// <summary>Control: how long leases of a tenant's keys last.</summary>
    ILeasePolicyGrain LeasePolicy(TenantId tenant);
}

/// <summary>A cluster could not be reached (yet). Ours, for now: 503.</summary>
internal sealed class ClusterAwayException(string cluster)
    : Exception($"The {cluster} cluster cannot be reached at the moment. Try again in a few seconds.");
