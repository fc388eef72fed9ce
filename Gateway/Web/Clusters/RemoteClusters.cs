using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace AMA.Gateway.Web.Clusters;

/// <summary>The clusters as Orleans clients. Grain references of one are never handed to the other.</summary>
internal sealed class RemoteClusters(
    [FromKeyedServices(RemoteClusters.Production)] RemoteCluster production,
    [FromKeyedServices(RemoteClusters.Control)] RemoteCluster control,
    WebGatewayParts parts) : IClusters
{
    public const string Production = "production";
    public const string Control = "control";

    private readonly string _region = parts.Region.Text();

    public bool ProductionReady => production.Ready.IsCompletedSuccessfully;
    public bool ControlReady => control.Ready.IsCompletedSuccessfully;

    public ISearchGrain Search(TenantId tenant) =>
        Reach(production, Production).GetGrain<ISearchGrain>(tenant.ToString());
    public IDeliveriesGrain Deliveries(TenantId tenant) =>
        Reach(production, Production).GetGrain<IDeliveriesGrain>(tenant.ToString());
    public IRegionReceiptsGrain RegionReceipts() =>
        Reach(production, Production).GetGrain<IRegionReceiptsGrain>(_region);
    public IRegionGrain Totals() => Reach(production, Production).GetGrain<IRegionGrain>(_region);
    public IRelayGrain Relay() => Reach(production, Production).GetGrain<IRelayGrain>(_region);
    public IDirectoryGrain Directory() => Reach(control, Control).GetGrain<IDirectoryGrain>(_region);
    public ISignInGrain SignIn(TenantName tenant) =>
        Reach(control, Control).GetGrain<ISignInGrain>($"{_region}/{tenant}");
    public IOwnAccountGrain OwnAccount(TenantName tenant) =>
        Reach(control, Control).GetGrain<IOwnAccountGrain>($"{_region}/{tenant}");
    public IUsersGrain Users(TenantName tenant) =>
        Reach(control, Control).GetGrain<IUsersGrain>($"{_region}/{tenant}");
    public ISourcesGrain Sources(TenantName tenant) =>
        Reach(control, Control).GetGrain<ISourcesGrain>($"{_region}/{tenant}");
    public IAuditReaderGrain Audit() => Reach(control, Control).GetGrain<IAuditReaderGrain>(_region);
    public IJobsGrain Jobs(TenantId tenant) => Reach(control, Control).GetGrain<IJobsGrain>($"{_region}/{tenant}");
    public IExportsGrain Exports(TenantId tenant) =>
        Reach(control, Control).GetGrain<IExportsGrain>($"{_region}/{tenant}");
    public IErasureOrdersGrain Erasures(TenantId tenant) =>
        Reach(control, Control).GetGrain<IErasureOrdersGrain>($"{_region}/{tenant}");
    public ILeasePolicyGrain LeasePolicy(TenantId tenant) =>
        Reach(control, Control).GetGrain<ILeasePolicyGrain>($"{_region}/{tenant}");

    /// <summary>A client that has never been connected knows no grain types yet and would fail oddly.</summary>
    private static IClusterClient Reach(RemoteCluster cluster, string name) =>
        cluster.Ready.IsCompletedSuccessfully ? cluster.Client : throw new ClusterAwayException(name);
}
