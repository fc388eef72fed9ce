using AMA.Archive.Ids;
using AMA.Archive.Log;

namespace AMA.Tests.Unit.Core.Archive.Log;

/// <summary>Entries as an archive writes them.</summary>
public static class LogSamples
{
    public static readonly TenantId Tenant = new(new Guid(1, 2, 3, new byte[8]));
    public static readonly TenantId OtherTenant = new(new Guid(9, 9, 9, new byte[8]));
    public static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 0, 0, 123, TimeSpan.Zero);

    public static LogLeaf Leaf(IRandom random, TenantId? tenant = null, LeafType type = LeafType.Archived) => new(
        type, Region.Eu, 24_436, Time, tenant ?? Tenant, new RecordId(random.NextId()), 70_000, 1, 1,
        type == LeafType.Delivery ? 5ul : 0, random.NextBytes(32), random.NextBytes(32), LogLeaf.NoHash);

    public static LogEntry Entry(IRandom random, TenantId? tenant = null) => new(
        Leaf(random, tenant), new DeliveryId(new SegmentId(random.NextId()), 3), random.NextId(), 7,
        new LogAcceptance(Time, new Guid(7, 7, 7, new byte[8])));

    public static LogEntry[] Entries(IRandom random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Entry(random))];

    public static LogBatch Batch(IRandom random, int entries = 5, ulong number = 4) => new(
        number, random.NextBytes(32), 17, random.NextId(), 100, Entries(random, entries),
        [new(new Guid(7, 7, 7, new byte[8]), (uint)entries, 0, 4_711, Time)]);

    /// <summary>Equal in every field: records compare arrays by reference.</summary>
    public static void AssertSame(LogEntry expected, LogEntry actual)
    {
        Assert(expected.Leaf, actual.Leaf);
        Xunit.Assert.Equal(
            (expected.Delivery, expected.Pack, expected.PackRecord, expected.Accepted),
            (actual.Delivery, actual.Pack, actual.PackRecord, actual.Accepted));
    }

    private static void Assert(LogLeaf expected, LogLeaf actual)
    {
        var (one, other) = (new byte[LogLeaf.Bytes], new byte[LogLeaf.Bytes]);
        expected.Write(one);
        actual.Write(other);
        Xunit.Assert.Equal(one, other);
    }
}
