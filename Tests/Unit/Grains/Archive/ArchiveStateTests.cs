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
        Assert.Equal(new PartCount(2, 2, 2, 0), part.Value);
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

    private static LogBatch Batch(ulong number, params LogEntry[] entries) =>
        new(number, new byte[32], 1, default, 0, entries);

    private static LogEntry Takeover() => new(LogLeaf.Takeover(Region.Eu, default, Tenant, 1), null, null, 0);

    private static LogEntry Entry(LeafType type, uint recNo) => new(
        new LogLeaf(type, Region.Eu, 24_441, default, Tenant, new(new Guid(8, 8, 8, new byte[8])), recNo,
            RetentionPart.DefaultClass, 0, 0, new byte[32], new byte[32], new byte[32]),
        new DeliveryId(Segment, recNo), new Guid(7, 7, 7, new byte[8]), 0);
}
