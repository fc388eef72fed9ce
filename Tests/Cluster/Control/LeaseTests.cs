using AMA.Archive.Keys.Leases;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public class LeaseTests
{
    [Fact]
    public async Task Ingest_GivesAnUnusedSubtreeWithIndexAndTagKeys()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        using var silo = await TestSilo.JoinAsync(world);

        var lease = await silo.IngestAsync(tenant.Id);

        Assert.Equal(1ul, lease.Grant.Fence);
        Assert.Equal(3600, lease.Grant.TtlSeconds);
        Assert.InRange(lease.Grant.RenewAfterSeconds, 1080, 1320);
        Assert.Equal(LeaseLimits.MaxAgeSeconds, lease.Grant.MaxAgeSeconds);
        Assert.Equal((0u, 16), (lease.Subtree.FirstLeaf, lease.Subtree.Depth));
        Assert.Equal(
            [LeasedKeyKind.Idk, LeasedKeyKind.Ixk, LeasedKeyKind.Subtree], lease.Keys.Select(key => key.Kind).OrderDescending());
    }
}
