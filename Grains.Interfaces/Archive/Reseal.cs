using Orleans;

namespace AMA.Grains.Interfaces.Archive;

/// <param name="Pack">Holds the items, sealed under the fresh tree.</param>
/// <param name="EvenIntended">Also records that the log says are to be erased: the order was refused.</param>
/// <param name="NewestBatch">With leaves of type 8 of the part, of all that the caller knows of; 0: of none.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.reseal-request")]
public sealed record ResealRequest(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] uint OldGeneration,
    [property: Id(3)] uint FreshGeneration, [property: Id(4)] Guid Pack, [property: Id(5)] ResealItem[] Items,
    [property: Id(6)] bool EvenIntended, [property: Id(7)] ulong NewestBatch);

/// <summary>A record, or a further delivery of one, that was sealed anew.</summary>
/// <param name="OldIndex">Index in the log of the leaf that it replaces.</param>
/// <param name="OldLeaf">Of the old key tree.</param>
/// <param name="Leaf">Of the fresh one.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.reseal-item")]
public sealed record ResealItem(
    [property: Id(0)] Guid Record, [property: Id(1)] ulong OldIndex, [property: Id(2)] uint OldLeaf,
    [property: Id(3)] uint Leaf, [property: Id(4)] int PackRecord, [property: Id(5)] byte[] ContainerSha256,
    [property: Id(6)] byte[] ContentCommit);
