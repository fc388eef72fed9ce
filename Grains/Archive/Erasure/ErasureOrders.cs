using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Erasure;

/// <summary>A tenant's orders to erase, as Control keeps them. Throws what the call throws.</summary>
public sealed class ErasureOrders(
    SiloIdentity identity, [FromKeyedServices(ClusterNames.Control)] RemoteCluster control)
{
    public async Task<ErasureTask[]> WaitingAsync(TenantId tenant)
    {
        await identity.EnsureAsync();
        return await Of(tenant).Waiting(Signed(tenant, null));
    }

    /// <summary>The keys of these leaves are gone when it returns.</summary>
    public Task CarryOutAsync(TenantId tenant, Guid order, LeaseTarget[] targets, LogPlace intent) =>
        Of(tenant).CarryOut(Signed(tenant, order, targets, intent));

    public Task FinishAsync(TenantId tenant, Guid order) => Of(tenant).Finish(Signed(tenant, order));

    private byte[] Signed(TenantId tenant, Guid? order, LeaseTarget[]? targets = null, LogPlace? intent = null) =>
        identity.Sign(identity.Request(LeasePurpose.Erase, tenant) with
        {
            Job = order, Targets = targets ?? [], Intent = intent,
        });

    private IErasureOrdersGrain Of(TenantId tenant) =>
        control.Client.GetGrain<IErasureOrdersGrain>($"{identity.Region.Text()}/{tenant}");
}
