using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
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

        world.Clock.Advance(QueueWeek.Begin(first) + TimeSpan.FromDays(36.9) - world.Clock.GetUtcNow());
        Assert.Contains(first, await WeeksAsync(world, first + 5));
        world.Clock.Advance(TimeSpan.FromDays(1));
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

    private static async Task<ulong[]> WeeksAsync(ControlWorld world, ulong? oldestNeeded)
    {
        using var silo = await TestSilo.JoinAsync(world);
        var request = silo.Request(LeasePurpose.Queue);
        if (oldestNeeded is { } week) request = request with { Reports = [IngestReport.OfQueue(week)] };
        return [.. (await silo.GrantAsync(request)).Keys.Select(key => key.KeyId)];
    }
}
