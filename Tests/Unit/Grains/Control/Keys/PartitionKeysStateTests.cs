using AMA.Grains.Control.Keys;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Keys;

public class PartitionKeysStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NewVersion_AfterNinetyDays_AndNotBefore()
    {
        var state = Ask(new(), "a", null, Start);
        Assert.Equal([1u], Versions(state, "a"));
        Assert.Same(state, Ask(state, "a", null, Start.AddDays(89.9)));
        state = Ask(state, "a", null, Start.AddDays(90));
        Assert.Equal([1u, 2u], Versions(state, "a"));
        Assert.Same(state, Ask(state, "a", null, Start.AddDays(91)));
    }

    [Fact]
    public void OldVersion_DiesOnlyWhenNothingNeedsIt_AndTheNewestNever()
    {
        var state = Ask(Ask(new(), "a", null, Start), "a", null, Start.AddDays(90));
        Assert.Same(state, Ask(state, "a", 1, Start.AddDays(91)));
        state = Ask(state, "a", 2, Start.AddDays(91));
        Assert.Equal([2u], Versions(state, "a"));
        state = Ask(state, "a", 900, Start.AddDays(92));
        Assert.Equal([2u], Versions(state, "a"));
        // Its number is not used again: a file of version 2 never meets another key of that name.
        Assert.Equal([2u, 3u], Versions(Ask(state, "a", null, Start.AddDays(200)), "a"));
    }

    [Fact]
    public void EachPartition_HasItsOwn_AndTheLongestSilentGoesFirst()
    {
        var state = Ask(new(), "first", null, Start);
        for (var i = 0; i < PartitionKeysState.PartitionsMax; i++)
            state = Ask(state, $"silo-{i}", 7, Start.AddSeconds(i + 1));
        Assert.Empty(state.Of("first"));
        Assert.Equal([1u], Versions(state, "silo-0"));
        Assert.Equal(PartitionKeysState.PartitionsMax, state.Keys.Length);
        Assert.Equal([1u], Versions(Ask(state, "first", null, Start.AddDays(1)), "first"));
    }

    private static PartitionKeysState Ask(PartitionKeysState state, string silo, uint? oldest, DateTimeOffset now) =>
        state.Next(silo, oldest, now, version => [(byte)version]);

    private static uint[] Versions(PartitionKeysState state, string silo) =>
        [.. state.Of(silo).Select(key => key.Version)];
}
