using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Erasure;

/// <summary>
/// The leaves that records lie under now, further deliveries included, and what the log says of holds on them. Pure:
/// batches in, lists out.
/// </summary>
public sealed class LivingLeaves(IReadOnlySet<Guid> records)
{
    private readonly Dictionary<ulong, ErasedLeaf> _leaves = [];
    private readonly HashSet<ErasedLeaf> _held = [];

    /// <summary>The newest batch that holds one of them, or lets one go; null: there is none.</summary>
    public LogPlace? LastHold { get; private set; }

    public void Take(LogBatch batch)
    {
        foreach (var (i, entry) in batch.Entries.Index())
        {
            var leaf = entry.Leaf;
            if (!records.Contains(leaf.Record.Value)) continue;
            var place = new ErasedLeaf(leaf.Record.Value, leaf.Class, leaf.Epoch, leaf.TreeGeneration, leaf.Leaf);
            if (leaf.Type is LeafType.Resealed) _leaves.Remove(leaf.RefIndex);
            if (leaf.Type is LeafType.Archived or LeafType.Delivery or LeafType.Resealed)
                _leaves[batch.FirstLeafIndex + (ulong)i] = place;
            if (leaf.Type is not (LeafType.Hold or LeafType.HoldOff)) continue;
            if (leaf.Type is LeafType.Hold) _held.Add(place);
            else _held.Remove(place);
            LastHold = new(batch.Number, batch.Hash);
        }
    }

    /// <summary>Those that aren't held, or are, as far as the log says.</summary>
    public ErasedLeaf[] WithHold(bool held) => [.. _leaves.Values.Where(leaf => _held.Contains(leaf) == held)];

    /// <summary>By part and tree.</summary>
    public LeaseTarget[] Targets =>
    [
        .. _leaves.Values.GroupBy(leaf => (leaf.Class, leaf.Epoch, leaf.Generation)).Select(tree => new LeaseTarget(
            tree.Key.Class, tree.Key.Epoch, tree.Key.Generation, [.. tree.Select(leaf => leaf.Leaf).Order()])),
    ];
}
