using AMA.Archive.Blobs;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Audit;

/// <summary>Two stores, each by itself: one must confirm, and a bad one holds up nobody.</summary>
public class AuditSinkTests
{
    [Theory]
    [InlineData((int)StoreMood.Full)]
    [InlineData((int)StoreMood.Hanging)]
    [InlineData((int)StoreMood.Slow)]
    public async Task OneStoreSuffers_TheOtherAnswersWithoutAWait_AndBothComeLevelInOrder(int mood)
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        world.A.Mood = (StoreMood)mood;

        await AuditWorld.AppendManyAsync(log, 20); // the clock stands still
        Assert.Equal(20, (await world.PersonsAsync(world.B)).Count);
        Assert.Empty(await world.PersonsAsync(world.A));

        world.A.Mood = StoreMood.Well;
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 20));
        Assert.Equal(await world.PersonsAsync(world.B), await world.PersonsAsync(world.A));
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => !sink.IsAway));
        await world.StopAsync(log);
    }

    [Theory]
    [InlineData((int)StoreMood.Full)]
    [InlineData((int)StoreMood.Hanging)]
    [InlineData((int)StoreMood.Slow)]
    public async Task BothSuffer_NothingIsAnswered_AndAllIsWellAMinuteAfterTheRepair(int mood)
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3);
        world.A.Mood = world.B.Mood = (StoreMood)mood;

        var refused = log.AppendAsync(AuditWorld.Entry("refused"), null);
        world.Clock.Advance(AuditSink.ConfirmMax); // and not a moment more: then it must have been refused
        await Unavailable(refused);
        await Unavailable(log.AppendAsync(AuditWorld.Entry("refused at once"), null));

        world.A.Mood = world.B.Mood = StoreMood.Well;
        world.Clock.Advance(TimeSpan.FromSeconds(59));
        await world.DriveUntilAsync(() => log.Sinks.Durable == 4);
        await log.AppendAsync(AuditWorld.Entry("after"), null);
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 5));

        // The one that was refused may have been written: it stays, in its place; the next one never was.
        string[] expected = ["person-0", "person-1", "person-2", "refused", "after"];
        Assert.Equal(expected, await world.PersonsAsync(world.A));
        Assert.Equal(expected, await world.PersonsAsync(world.B));
        await world.StopAsync(log);
    }

    [Fact]
    public async Task StoreThatMissedMoreThanMemoryKeeps_GetsItFromTheOther()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        world.A.Mood = StoreMood.Full;
        await AuditWorld.AppendManyAsync(log, 1_100);
        world.A.Mood = StoreMood.Well;
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 1_100));
        Assert.Equal(await world.PersonsAsync(world.B), await world.PersonsAsync(world.A));
        await world.StopAsync(log);
    }

    [Fact]
    public async Task LongerChainCounts_AndTheShorterIsFilled()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 5);
        world.A.Mood = StoreMood.Full;
        await AuditWorld.AppendManyAsync(log, 5, 5);
        await world.StopAsync(log);

        world.A.Mood = StoreMood.Well;
        log = await world.OpenAsync();
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 10));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"person-{i}"), await world.PersonsAsync(world.A));
        await world.StopAsync(log);
    }

    [Fact]
    public async Task LostStore_IsFilledFromTheOther_WithItsTiles()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 300);
        await world.StopAsync(log);

        world.B.Inner = new();
        log = await world.OpenAsync();
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 300));
        await AuditWorld.AppendManyAsync(log, 300, 1);
        await world.StopAsync(log);
        Assert.NotNull(await world.B.GetAsync("tile/0/000", default));
        Assert.Equal(301, (await world.PersonsAsync(world.B)).Count);
    }

    [Fact]
    public async Task TwoHistories_AreRefusedAtTheStart()
    {
        using var world = new AuditWorld();
        await ForkAsync(world);
        var fork = await Assert.ThrowsAsync<AuditForkException>(world.OpenAsync);
        Assert.Contains("two histories", fork.Message);
    }

    [Fact]
    public async Task StoreThatComesBackWithAnotherHistory_EndsEveryAnswer()
    {
        using var world = new AuditWorld();
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 2);
        await world.DriveUntilAsync(() => log.Sinks.All.All(sink => sink.Next == 2));
        world.A.Mood = StoreMood.Full;
        await AuditWorld.AppendManyAsync(log, 2, 1);

        await world.A.Inner.PutIfAbsentAsync(AuditBatch.NameOf(2), new byte[] { 1, 2, 3 }, default);
        world.A.Mood = StoreMood.Well;
        await world.DriveUntilAsync(() => log.Sinks.Fork is not null);

        await Unavailable(log.AppendAsync(AuditWorld.Entry("no more"), null));
        await world.StopAsync(log);
    }

    /// <summary>Each store goes on once with a copy of itself for company.</summary>
    private static async Task ForkAsync(AuditWorld world)
    {
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 3);
        await world.StopAsync(log);
        var (a, b) = (world.A, world.B);
        await GrowAsync(world, a, 2);
        await GrowAsync(world, b, 1);
        (world.A, world.B, world.Offsite) = (a, b, new());
    }

    private static async Task GrowAsync(AuditWorld world, MoodyStore store, int entries)
    {
        (world.A, world.B, world.Offsite) = (store, await store.CopyAsync(), new());
        var log = await world.OpenAsync();
        await AuditWorld.AppendManyAsync(log, 100 * entries, entries);
        await world.StopAsync(log);
    }

    private static async Task Unavailable(Task work) =>
        Assert.Equal(ControlRefusal.Unavailable, (await Assert.ThrowsAsync<ControlException>(() => work)).Refusal);
}
