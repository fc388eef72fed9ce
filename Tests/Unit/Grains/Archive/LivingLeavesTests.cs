using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Erasure;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>Where records lie by the log, whatever was done with them before.</summary>
public sealed class LivingLeavesTests
{
    private static readonly TenantId Tenant = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly Guid Mine = new(8, 8, 8, new byte[8]);
    private static readonly Guid Other = new(9, 9, 9, new byte[8]);

    [Fact]
    public void RecordSealedAnew_LivesUnderItsNewLeavesOnly()
    {
        var leaves = new LivingLeaves(new HashSet<Guid> { Mine });
        leaves.Take(Batch(1, 0, Leaf(LeafType.Archived, Mine, 5), Leaf(LeafType.Archived, Other, 6), Leaf(LeafType.Delivery, Mine, 7)));
        leaves.Take(Batch(2, 3, Resealed(Mine, 70, replaces: 0), Resealed(Other, 71, replaces: 1)));
        Assert.Equal([(0u, 7u), (1u, 70u)], leaves.Targets.OrderBy(target => target.Generation)
            .Select(target => (target.Generation, Assert.Single(target.Leaves))));
        Assert.Null(leaves.LastHold);
    }

    [Fact]
    public void Holds_AreThoseOfTheLog_AndTheNewestBatchIsTheirPlace()
    {
        var leaves = new LivingLeaves(new HashSet<Guid> { Mine });
        leaves.Take(Batch(1, 0, Leaf(LeafType.Archived, Mine, 5), Leaf(LeafType.Delivery, Mine, 6)));
        leaves.Take(Batch(2, 2, Leaf(LeafType.Hold, Mine, 5), Leaf(LeafType.Hold, Mine, 6)));
        leaves.Take(Batch(3, 4, Leaf(LeafType.HoldOff, Mine, 6), Leaf(LeafType.Hold, Other, 9)));
        leaves.Take(Batch(4, 6, Leaf(LeafType.Hold, Other, 8)));
        Assert.Equal(5u, Assert.Single(leaves.WithHold(true)).Leaf);
        Assert.Equal(6u, Assert.Single(leaves.WithHold(false)).Leaf);
        Assert.Equal(3ul, leaves.LastHold!.Batch);
    }

    private static LogBatch Batch(ulong number, ulong first, params LogLeaf[] leaves) => new(
        number, new byte[32], 1, default, first, [.. leaves.Select(leaf => new LogEntry(leaf, null, null, 0))]);

    private static LogLeaf Resealed(Guid record, uint leaf, ulong replaces) =>
        Leaf(LeafType.Resealed, record, leaf) with { TreeGeneration = 1, RefIndex = replaces };

    private static LogLeaf Leaf(LeafType type, Guid record, uint leaf) => new(
        type, Region.Eu, 24_441, default, Tenant, new(record), leaf, RetentionPart.DefaultClass, 0, 0, new byte[32],
        new byte[32], new byte[32]);
}
