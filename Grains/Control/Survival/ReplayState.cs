using AMA.Archive.Log;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>How far a tenant's log was read again after a restore of Control. Null in a state that needs none.</summary>
/// <param name="Generation">The restore's.</param>
/// <param name="Number">The last batch that was read; 0: none.</param>
/// <param name="Hash">Of that batch.</param>
/// <param name="Unseen">Subtrees whose mail the log must hold, and of which none was read so far.</param>
public sealed record ReplayState(uint Generation, ulong Number, byte[] Hash, KnownSubtree[] Unseen);

/// <param name="End">The leaf after its last.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.known-subtree")]
public sealed record KnownSubtree(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] uint Generation,
    [property: Id(3)] uint FirstLeaf, [property: Id(4)] ulong End);

/// <summary>Where a tenant's replay goes on.</summary>
/// <param name="IsUsed">Leaves of the tenant were used: its log can't be empty.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.replay-start")]
public sealed record ReplayStart(
    [property: Id(0)] ulong Number, [property: Id(1)] byte[] Hash, [property: Id(2)] KnownSubtree[] Unseen,
    [property: Id(3)] bool IsUsed);

/// <summary>A leaf of the log that changes keys.</summary>
/// <param name="IsWholePart">Of type 3: all trees of the part have ended.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.replayed-leaf")]
public readonly record struct ReplayedLeaf(
    [property: Id(0)] LeafType Type, [property: Id(1)] ushort Class, [property: Id(2)] uint Epoch,
    [property: Id(3)] uint Generation, [property: Id(4)] uint Leaf, [property: Id(5)] bool IsWholePart = false);

/// <summary>The next piece of a log; doing one again changes nothing.</summary>
/// <param name="Number">The log is read so far once this is done.</param>
/// <param name="IsLast">The whole log is read: the tenant's keys may be leased again.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.replay-piece")]
public sealed record ReplayPiece(
    [property: Id(0)] ReplayedLeaf[] Leaves, [property: Id(1)] ulong Number, [property: Id(2)] byte[] Hash,
    [property: Id(3)] KnownSubtree[] Unseen, [property: Id(4)] bool IsLast);

/// <summary>A tenant's keys, as a replay changes them. Key: "{region}/{tenant id}".</summary>
[Alias("ama.control.internal.replayed-keys")]
internal interface IReplayedKeysGrain : IGrainWithStringKey
{
    /// <summary>Null: there is nothing to replay.</summary>
    [Alias("begin")] Task<ReplayStart?> Begin();

    /// <summary>Durable in both stores when it returns.</summary>
    [Alias("replay")] Task Replay(ReplayPiece piece);
}
