using AMA.Archive.Access;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>Control destroys queue keys on what this says: it must not overlook a segment.</summary>
public sealed class QueueBacklogTests
{
    private readonly MemoryBlobStore _one = new();
    private readonly MemoryBlobStore _other = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    private ulong ThisWeek => QueueWeek.Of(_clock.GetUtcNow());

    [Fact]
    public async Task EmptySpool_NeedsThisWeeksKeyOnly() => Assert.Equal(ThisWeek, await OldestAsync());

    [Fact]
    public async Task OldestSegmentOfAnyStore_Counts()
    {
        await PutAsync(_one, "a", ThisWeek - 1);
        await PutAsync(_other, "b", ThisWeek - 7);
        Assert.Equal(ThisWeek - 7, await OldestAsync());
    }

    [Theory]
    [InlineData(BlobOperation.List)]
    [InlineData(BlobOperation.Read)]
    public async Task StoreThatIsAway_MeansNothingIsKnown(BlobOperation away)
    {
        await PutAsync(_other, "b", ThisWeek);
        _other.Faults = (operation, _) => operation == away ? BlobFault.Before : BlobFault.None;
        Assert.Null(await OldestAsync());
    }

    [Fact]
    public async Task SegmentThatDoesNotSay_MeansNothingIsKnown()
    {
        await _one.PutIfAbsentAsync($"{SegmentNames.Prefix}x.amq1", new byte[200], default);
        Assert.Null(await OldestAsync());
    }

    private Task<ulong?> OldestAsync() => new QueueBacklog(
        new SpoolStores([_one, _other]), _clock, NullLogger<QueueBacklog>.Instance).OldestWeekAsync();

    private static async Task PutAsync(MemoryBlobStore store, string name, ulong week)
    {
        var segment = new byte[200];
        "AMQ1"u8.CopyTo(segment);
        (segment[4], segment[5], segment[57], segment[59], segment[61]) = (1, 1, 1, 32, 1);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(segment.AsSpan(8), week);
        await store.PutIfAbsentAsync($"{SegmentNames.Prefix}{name}.amq1", segment, default);
    }
}
