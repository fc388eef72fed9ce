using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// How long leases of a tenant's keys last. Key: "{region}/{tenant id}". A tenant-admin of the tenant or an operator
/// sets it, within the region's own bound.
/// </summary>
[Alias("ama.control.lease-policy")]
public interface ILeasePolicyGrain : IGrainWithStringKey
{
    [Alias("policy"), AlwaysInterleave] Task<LeasePolicyView> Policy(string accessToken);

    /// <param name="ttlSeconds">900 to 28,800; null: the region's setting.</param>
    [Alias("set-policy")] Task<LeasePolicyView> SetPolicy(string accessToken, int? ttlSeconds);
}

/// <param name="TtlSeconds">The tenant's own wish; null: none.</param>
/// <param name="RegionTtlSeconds">AMA:Lease:TtlSeconds, default and upper bound.</param>
[GenerateSerializer, Immutable, Alias("ama.control.lease-policy-view")]
public readonly record struct LeasePolicyView(
    [property: Id(0)] int? TtlSeconds, [property: Id(1)] int RegionTtlSeconds);
