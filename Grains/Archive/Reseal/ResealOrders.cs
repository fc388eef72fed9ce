using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Reseal;

/// <summary>A tenant's re-seal jobs, as Control keeps them. Throws what the call throws.</summary>
public sealed class ResealOrders(
    SiloIdentity identity, [FromKeyedServices(ClusterNames.Control)] RemoteCluster control)
{
    public async Task<ResealTask[]> WaitingAsync(TenantId tenant)
    {
        await identity.EnsureAsync();
        return await Of(tenant).Waiting(Signed(tenant, null));
    }

    /// <summary>From now on the part is sealed under the fresh tree.</summary>
    public Task<ResealTrees> BeginAsync(RetentionPart part, Guid job, LogPlace log) =>
        Of(part.Tenant).Begin(Signed(part.Tenant, job, log, [Target(part, 0)]));

    /// <summary>The old leaves are erased when it returns; a hold on one lies on its new leaf.</summary>
    public Task MoveAsync(RetentionPart part, Guid job, ResealTrees trees, LogPlace log, uint[] from, uint[] to) =>
        Of(part.Tenant).Move(Signed(part.Tenant, job, log, [Target(part, trees.Old, from), Target(part, trees.Fresh, to)]));

    public async Task<LeafRange[]> LeftAsync(RetentionPart part, Guid job, ResealTrees trees)
    {
        var left = await Of(part.Tenant).Left(Signed(part.Tenant, job, null, [Target(part, trees.Old)]));
        return [.. left.Select(range => new LeafRange(range.First, range.Count))];
    }

    public Task GiveUpAsync(RetentionPart part, Guid job, ResealTrees trees, LogPlace log, LeafRange[] ranges) =>
        Of(part.Tenant).GiveUp(Sign(Request(part.Tenant, job) with
        {
            Intent = log, Targets = [Target(part, trees.Old)], Ranges = ranges,
        }));

    /// <summary>The old tree is forgotten.</summary>
    public Task EndAsync(RetentionPart part, Guid job, ResealTrees trees, LogPlace log) =>
        Of(part.Tenant).End(Signed(part.Tenant, job, log, [Target(part, trees.Old)]));

    public Task TellAsync(TenantId tenant, Guid job, JobProgress progress) =>
        Of(tenant).Tell(Sign(Request(tenant, job) with { Progress = progress }));

    public Task FinishAsync(TenantId tenant, Guid job) => Of(tenant).Finish(Signed(tenant, job));

    private byte[] Signed(TenantId tenant, Guid? job, LogPlace? log = null, LeaseTarget[]? targets = null) =>
        Sign(Request(tenant, job) with { Intent = log, Targets = targets ?? [] });

    private LeaseRequest Request(TenantId tenant, Guid? job) =>
        identity.Request(LeasePurpose.ReSeal, tenant) with { Job = job };

    private byte[] Sign(LeaseRequest request) => identity.Sign(request);

    private static LeaseTarget Target(RetentionPart part, uint generation, params uint[] leaves) =>
        new(part.Class, part.Epoch, generation, leaves);

    private IResealsGrain Of(TenantId tenant) =>
        control.Client.GetGrain<IResealsGrain>($"{identity.Region.Text()}/{tenant}");
}
