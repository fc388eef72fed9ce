using AMA.Archive.Log;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Archive;

/// <param name="FirstBatch">The log batch that first wrote to the part.</param>
/// <param name="LastBatch">The one that wrote to it last.</param>
/// <param name="IndexedBelow">Batches below it are durable in the part's index.</param>
/// <param name="Deliveries">Further ones.</param>
/// <param name="LastReseal">The newest batch with leaves of type 8 of the part; 0: there is none.</param>
public sealed record PartCount(
    ulong FirstBatch, ulong LastBatch, long Records, ulong IndexedBelow, long Deliveries = 0,
    ulong LastReseal = 0)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IndexBehind => IndexedBelow <= LastBatch;
}

/// <summary>
/// Derived state of a tenant's archive after a batch (docs/formats/snapshot.md): ids and counts, nothing of content.
/// </summary>
public sealed record ArchiveSnapshot(
    ulong NextBatch, long Archived, long Duplicates, ulong BackedUpBelow,
    SnapshotPart[] Parts, SnapshotDelivery[] Deliveries, Guid[] Erased, SnapshotErasure[] Erasures,
    SnapshotSource[] Sources)
{
    public SnapshotTree[] EndedTrees { get; init; } = [];
    public SnapshotHold[] Held { get; init; } = [];
    public DayCount[] Days { get; init; } = [];
}

public sealed record SnapshotSource(Guid Source, SourceCount Count);

/// <param name="At">When something of the part was erased last.</param>
public sealed record SnapshotErasure(string Part, DateTimeOffset At);

public sealed record SnapshotPart(string Part, PartCount Count);

public sealed record SnapshotDelivery(string Receipt, ulong Batch);

/// <summary>A key tree of which the log says that nothing lies under it any more.</summary>
/// <param name="Batch">That says so.</param>
/// <param name="IsSwept">Its packs were deleted.</param>
public sealed record EndedTree(RetentionPart Part, uint Generation, ulong Batch, DateTimeOffset At, bool IsSwept)
{
    /// <summary>Stands for all trees of a part.</summary>
    public const uint WholePart = uint.MaxValue;
}

public sealed record SnapshotTree(string Part, uint Generation, ulong Batch, DateTimeOffset At, bool IsSwept)
{
    internal static SnapshotTree Of(EndedTree tree) =>
        new(tree.Part.ToString(), tree.Generation, tree.Batch, tree.At, tree.IsSwept);

    internal EndedTree Tree() => new(RetentionPart.Parse(Part), Generation, Batch, At, IsSwept);
}

/// <summary>A leaf under a legal hold.</summary>
public readonly record struct HeldLeaf(RetentionPart Part, uint Generation, uint Leaf)
{
    internal static HeldLeaf Of(LogLeaf leaf) =>
        new(new(leaf.Tenant, leaf.Class, leaf.Epoch), leaf.TreeGeneration, leaf.Leaf);
}

public sealed record SnapshotHold(string Part, uint Generation, uint Leaf, Guid Record)
{
    internal static SnapshotHold Of(KeyValuePair<HeldLeaf, Guid> held) =>
        new(held.Key.Part.ToString(), held.Key.Generation, held.Key.Leaf, held.Value);

    internal HeldLeaf Held() => new(RetentionPart.Parse(Part), Generation, Leaf);
}
