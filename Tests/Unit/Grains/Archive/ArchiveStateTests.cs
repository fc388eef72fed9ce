using System.Text.Json;
using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Archive;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

public sealed class ArchiveStateTests
{
    private static readonly TenantId Tenant = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly SegmentId Segment = new(new Guid(4, 5, 6, new byte[8]));

    [Fact]
    public void Batches_AreCountedByKindAndPart()
    {
        var state = new ArchiveState();
        state.Apply(Batch(1, Takeover()));
        state.Apply(Batch(2, Entry(LeafType.Archived, 0), Entry(LeafType.Archived, 1), Entry(LeafType.Delivery, 2)));
        Assert.Equal((3ul, 2L, 1L), (state.NextBatch, state.Archived, state.Duplicates));
        var part = Assert.Single(state.Parts);
        Assert.Equal(new PartCount(2, 2, 2, 0, 1), part.Value);
        Assert.True(part.Value.IndexBehind);
    }

    [Fact]
    public void Delivery_IsRememberedUntilItsSegmentIsDone()
    {
        var state = new ArchiveState();
        state.Apply(Batch(1, Entry(LeafType.Archived, 7)));
        Assert.True(state.TryFindDone(new(Segment, 7), out var batch));
        Assert.Equal(1ul, batch);
        state.Forget([Segment]);
        Assert.False(state.TryFindDone(new(Segment, 7), out _));
    }

    [Fact]
    public void Snapshot_ThenTheRestOfTheLog_IsTheSameAsTheWholeLog()
    {
        var batches = Enumerable.Range(1, 9).Select(n => Batch((ulong)n, Entry(LeafType.Archived, (uint)n))).ToArray();
        var whole = new ArchiveState();
        var half = new ArchiveState();
        foreach (var batch in batches) whole.Apply(batch);
        foreach (var batch in batches.Take(5)) half.Apply(batch);
        var json = JsonSerializer.Serialize(half.Snapshot());
        var restored = ArchiveState.From(JsonSerializer.Deserialize<ArchiveSnapshot>(json)!);
        foreach (var batch in batches.Skip(5)) restored.Apply(batch);
        Assert.Equal(JsonSerializer.Serialize(whole.Snapshot()), JsonSerializer.Serialize(restored.Snapshot()));
    }

    [Fact]
    public void Sources_AreCountedFromTheLog_AlsoOverASnapshot()
    {
        var at = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        var source = new Guid(1, 1, 1, new byte[8]);
        var state = new ArchiveState();
        state.Apply(Counted(1, new LogTally(source, 2, 0, 100, at)));
        var json = JsonSerializer.Serialize(state.Snapshot());
        state = ArchiveState.From(JsonSerializer.Deserialize<ArchiveSnapshot>(json)!);
        state.Apply(Counted(2, new LogTally(Guid.Empty, 1, 0, 7, at), new LogTally(source, 0, 1, 50, at.AddHours(-1))));
        Assert.Equal(new SourceCount(2, 1, 150, at), state.Sources[source]);
        Assert.Equal(new SourceCount(1, 0, 7, at), state.Sources[Guid.Empty]);
    }

    [Fact]
    public void SourcesWithoutEnd_AreSummedUp_TheOneOfLongAgoFirst()
    {
        var counts = new SourceCounts();
        var at = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        for (var i = 1; i <= SourceCounts.SourcesMax + 5; i++)
            counts.Add(new Guid(i, 0, 0, new byte[8]), new(1, 1, 10, at.AddMinutes(i % 500)));
        Assert.Equal(SourceCounts.SourcesMax, counts.All.Count);
        Assert.Equal(SourceCounts.SourcesMax + 5, counts.All.Values.Sum(one => one.Archived));
        Assert.False(counts.All.ContainsKey(new Guid(500, 0, 0, new byte[8])));
    }

    private static LogBatch Counted(ulong number, params LogTally[] tallies) => new(
        number, new byte[32], 1, default, 0,
        [.. Enumerable.Range(0, 9).Select(i => Entry(LeafType.Archived, (uint)i))], tallies);

    [Fact]
    public void EndedTreesAndHolds_AreKnown_AlsoFromASnapshot()
    {
        var state = new ArchiveState();
        state.Apply(Batch(1, Entry(LeafType.Archived, 0), Entry(LeafType.Hold, 0), Entry(LeafType.Hold, 1)));
        state.Apply(Batch(2, Entry(LeafType.Resealed, 2), Entry(LeafType.HoldOff, 1), Entry(LeafType.EpochDestroyed, 0)));
        var part = state.Parts.Keys.Single();
        Assert.Equal(new PartCount(1, 2, 1, 0, 0, LastReseal: 2), state.Parts[part]); // the index must hold the re-sealed one, too
        Assert.Equal(2ul, state.LastReseal(part));
        state.Swept(state.Ended(part, 0)!);
        var json = JsonSerializer.Serialize(state.Snapshot());
        var again = ArchiveState.From(JsonSerializer.Deserialize<ArchiveSnapshot>(json)!);
        Assert.True(again.IsHeld(new(part, 0, 0)) && !again.IsHeld(new(part, 0, 1)) && !again.IsHeld(new(part, 1, 0)));
        Assert.True(again.Ended(part, 0) is { Batch: 2, IsSwept: true });
        Assert.Null(again.Ended(part, 1));
        Assert.Equal(json, JsonSerializer.Serialize(again.Snapshot()));
    }

    [Fact]
    public void EndedPart_KeepsWhatIsHeld_AndIsLookedThroughAgainWhenItIsLetGo()
    {
        var state = new ArchiveState();
        state.Apply(Batch(1, Entry(LeafType.Archived, 0), Entry(LeafType.Archived, 1), Entry(LeafType.Hold, 1)));
        var part = state.Parts.Keys.Single();
        Assert.False(state.IsOver(part));
        var end = Entry(LeafType.EpochDestroyed, 0);
        state.Apply(Batch(2, end with { Leaf = end.Leaf with { RefIndex = LogLeaf.WholePart } }));
        Assert.True(state.IsOver(part));
        Assert.Equal(2ul, state.Ended(part, 7)!.Batch); // all of its trees
        Assert.Single(state.HeldOf(part));
        state.Swept(state.Ended(part, 0)!);
        var restored = ArchiveState.From(JsonSerializer.Deserialize<ArchiveSnapshot>(JsonSerializer.Serialize(state.Snapshot()))!);
        Assert.True(restored.IsOver(part));
        restored.Apply(Batch(3, Entry(LeafType.HoldOff, 1)));
        Assert.Empty(restored.HeldOf(part));
        Assert.False(restored.Ended(part, 0)!.IsSwept);
    }

    [Fact]
    public void IndexPosition_NeverFalls()
    {
        var state = new ArchiveState();
        state.Apply(Batch(1, Entry(LeafType.Archived, 0)));
        var part = state.Parts.Keys.Single();
        state.Indexed(part, 2);
        state.Indexed(part, 1);
        Assert.Equal(2ul, state.Parts[part].IndexedBelow);
        Assert.False(state.Parts[part].IndexBehind);
    }

    [Fact]
    public void Days_AreCountedBySourceFromTheLog_AlsoOverASnapshot()
    {
        var midnight = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero);
        var (one, other) = (new Guid(1, 1, 1, new byte[8]), new Guid(2, 2, 2, new byte[8]));
        var state = new ArchiveState();
        state.Apply(Batch(1, Entry(LeafType.Archived, 0, new(midnight.AddMilliseconds(-1), one))));
        state.Apply(Batch(2, Entry(LeafType.Delivery, 1, new(midnight.ToOffset(TimeSpan.FromHours(9)), other))));
        var json = JsonSerializer.Serialize(state.Snapshot());
        state = ArchiveState.From(JsonSerializer.Deserialize<ArchiveSnapshot>(json)!);
        state.Apply(Batch(3, Entry(LeafType.Archived, 2, new(midnight, one)), Entry(LeafType.Archived, 3)));
        state.Apply(Batch(4, Entry(LeafType.Archived, 4, new(midnight.AddSeconds(-5), one))));
        Assert.Equal(["2026-11-23 1-4", "2026-11-24 2-3"], state.Days.All.Select(d => $"{d.Day:O} {d.FirstBatch}-{d.LastBatch}"));
        Assert.Equal([new DayTally(one, 2, 0)], state.Days.All.First().Sources);
        Assert.Equal([new DayTally(one, 1, 0), new(other, 0, 1)], state.Days.Find(new(2026, 11, 24))!.Sources);
    }

    private static LogBatch Batch(ulong number, params LogEntry[] entries) =>
        new(number, new byte[32], 1, default, 0, entries);

    private static LogEntry Takeover() => new(LogLeaf.Takeover(Region.Eu, default, Tenant, 1), null, null, 0);

    private static LogEntry Entry(LeafType type, uint recNo, LogAcceptance? accepted = null) => new(
        new LogLeaf(type, Region.Eu, 24_441, default, Tenant, new(new Guid(8, 8, 8, new byte[8])), recNo,
            RetentionPart.DefaultClass, 0, 0, new byte[32], new byte[32], new byte[32]),
        new DeliveryId(Segment, recNo), new Guid(7, 7, 7, new byte[8]), 0, accepted);
}
