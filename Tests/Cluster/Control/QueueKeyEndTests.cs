using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>A queue key opens mail that people were told is safe: it dies only when none is left, and then it does.</summary>
public class QueueKeyEndTests
{
    [Fact]
    public async Task KeyDies_SevenDaysAfterItsTime_OnlyOnceTheSpoolNeedsItNoMore()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var first = QueueWeek.Of(world.Clock.GetUtcNow());
        Assert.Contains(first, await WeeksAsync(world, first + 100)); // a report alone kills no young key

        await world.PassAsync(QueueWeek.Begin(first) + TimeSpan.FromDays(36.9) - world.Clock.GetUtcNow());
        Assert.Contains(first, await WeeksAsync(world, first + 5));
        await world.PassAsync(TimeSpan.FromDays(1));
        Assert.Contains(first, await WeeksAsync(world, null)); // a store was away: nothing is known
        Assert.Contains(first, await WeeksAsync(world, first)); // a segment still names it
        var left = await WeeksAsync(world, first + 5);
        Assert.DoesNotContain(first, left);
        Assert.NotEmpty(left);

        var entry = Assert.Single(await AuditTrail.ReadAsync(world), e => e.Act == AuditAct.QueueKeyDestruction);
        Assert.Equal($"{first}", Assert.Single(entry.Targets!));
        await world.RestartAsync();
        Assert.DoesNotContain(first, await WeeksAsync(world, null));
    }

    /// <summary>The keys of a silo's own disk: at each start the same, for nobody else, on record, and renewed.</summary>
    [Fact]
    public async Task PartitionKey_IsHandedOutAtEachStart_RenewedAfterNinetyDays_AndDiesUnused()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var first = Assert.Single(await PartitionAsync(world, "silo-1", null));
        Assert.Equal(first, Assert.Single(await PartitionAsync(world, "silo-1", null)));
        Assert.NotEqual(first.Key, Assert.Single(await PartitionAsync(world, "silo-2", null)).Key);
        await world.Service<IGrainFactory>().GetGrain<IRotationGrain>(Region.Eu.Text()).Begin(RotationKind.Store);
        await world.RestartAsync();
        Assert.Equal(first, Assert.Single(await PartitionAsync(world, "silo-1", null)));

        await world.PassAsync(TimeSpan.FromDays(90));
        var both = await PartitionAsync(world, "silo-1", null);
        Assert.Equal([1ul, 2ul], both.Select(key => key.Version));
        Assert.Equal(first, both[0]);
        Assert.Equal(both[1], Assert.Single(await PartitionAsync(world, "silo-1", 2)));

        var trail = await AuditTrail.ReadAsync(world);
        Assert.Equal(6, trail.Count(e => e.Act == AuditAct.LeaseGrant && e.Purpose == LeasePurpose.Partition));
        var end = Assert.Single(trail, e => e.Act == AuditAct.PartitionKeyDestruction);
        Assert.Equal("silo-1 1", Assert.Single(end.Targets!));
    }

    [Fact]
    public async Task Threat_39_PartitionKey_OnlyForTheNewestStart_AndNotForARevokedSilo()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var older = await TestSilo.JoinAsync(world, "silo-1");
        using var newer = await TestSilo.JoinAsync(world, "silo-1");
        await Assert.ThrowsAsync<ControlException>(() => older.GrantAsync(older.Request(LeasePurpose.Partition)));
        await newer.GrantAsync(newer.Request(LeasePurpose.Partition));
        await world.Service<IGrainFactory>().GetGrain<IRevokingGrain>(Region.Eu.Text())
            .Revoke(Revocation.OfSilo("silo-1", held: true), "operator");
        await Assert.ThrowsAsync<ControlException>(() => newer.GrantAsync(newer.Request(LeasePurpose.Partition)));
    }

    private static async Task<(ulong Version, string Key)[]> PartitionAsync(
        ControlWorld world, string name, uint? oldestNeeded)
    {
        using var silo = await TestSilo.JoinAsync(world, name);
        var request = silo.Request(LeasePurpose.Partition);
        if (oldestNeeded is { } version) request = request with { Reports = [IngestReport.OfPartition(version)] };
        var lease = await silo.GrantAsync(request);
        Assert.All(lease.Keys, key => Assert.Equal(LeasedKeyKind.Partition, key.Kind));
        return [.. lease.Keys.Select(key => (key.KeyId, Convert.ToHexString(key.Key.Span)))];
    }

    private static async Task<ulong[]> WeeksAsync(ControlWorld world, ulong? oldestNeeded)
    {
        using var silo = await TestSilo.JoinAsync(world);
        var request = silo.Request(LeasePurpose.Queue);
        if (oldestNeeded is { } week) request = request with { Reports = [IngestReport.OfQueue(week)] };
        return [.. (await silo.GrantAsync(request)).Keys.Select(key => key.KeyId)];
    }
}
