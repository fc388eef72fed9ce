using AMA.Archive.Ids;
using AMA.Grains.Control.Directory;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using Orleans;

namespace AMA.Grains.Control;

/// <param name="LeasesLive">
/// Renewable leases of the region and of its first <see cref="ControlOverview.TenantsMax"/> tenants.
/// </param>
/// <param name="Silos">Newest starts, the newest first.</param>
public sealed record ControlSeen(int Tenants, int LeasesLive, IReadOnlyList<SiloStart> Silos);

/// <summary>Counts for an operator: what Control has given out. Reads states only.</summary>
public sealed class ControlOverview(KeyRing ring, IGrainFactory grains)
{
    /// <summary>Asking wakes the tenant's grain, so a region of many is only sampled, all of the sample at once.</summary>
    public const int TenantsMax = 256;

    public async Task<ControlSeen> ReadAsync(DateTimeOffset now)
    {
        var region = ring.Region.Text();
        var tenants = await grains.GetGrain<ITenantListGrain>(region).Ids();
        var live = await grains.GetGrain<ILeaseCountGrain>(region).Live(now);
        var counts = await Task.WhenAll(tenants.Take(TenantsMax).Select(
            tenant => grains.GetGrain<ILeaseCountGrain>($"{region}/{tenant:N}").Live(now)));
        live += counts.Sum();
        return new(tenants.Length, live, await grains.GetGrain<IStartsGrain>(region).Newest());
    }
}
