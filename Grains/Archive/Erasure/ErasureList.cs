using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Erasure;

/// <summary>
/// Every leaf that records live under, further deliveries included, and which of them the log says are to be erased.
/// Pure: batches in, lists out.
/// </summary>
public sealed class ErasureList(IReadOnlySet<Guid> records)
{
    private readonly HashSet<ErasedLeaf> _leaves = [];
    private readonly HashSet<ErasedLeaf> _intended = [];
    private readonly Dictionary<Guid, LogPlace> _intents = [];

    /// <summary>The batch to read next.</summary>
    public ulong Next { get; private set; } = 1;

    /// <summary>Leaves of which the log does not say yet that they are to be erased.</summary>
    public ErasedLeaf[] Missing => [.. _leaves.Except(_intended).Take(LogLimits.EntriesMax)];

    public void Take(LogBatch batch)
    {
        Next = batch.Number + 1;
        var own = batch.Entries.Select(entry => entry.Leaf).Where(leaf => records.Contains(leaf.Record.Value));
        foreach (var leaf in own)
        {
            var erased = new ErasedLeaf(leaf.Record.Value, leaf.Class, leaf.Epoch, leaf.TreeGeneration, leaf.Leaf);
            if (leaf.Type is LeafType.Archived or LeafType.Delivery or LeafType.Resealed) _leaves.Add(erased);
            if (leaf.Type is not LeafType.Punctured) continue;
            _intended.Add(erased);
            _intents[erased.Record] = new(batch.Number, batch.Hash);
        }
    }

    /// <summary>By part and tree; empty when none of the records is in the archive.</summary>
    public LeaseTarget[] Targets(IReadOnlyCollection<Guid> some) =>
    [
        .. _leaves.Where(leaf => some.Contains(leaf.Record))
            .GroupBy(leaf => (leaf.Class, leaf.Epoch, leaf.Generation))
            .Select(part => new LeaseTarget(
                part.Key.Class, part.Key.Epoch, part.Key.Generation, [.. part.Select(leaf => leaf.Leaf).Order()])),
    ];

    /// <summary>The newest batch that states the intent for one of these records.</summary>
    public LogPlace IntentOf(IReadOnlyCollection<Guid> some) =>
        some.Where(_intents.ContainsKey).Select(record => _intents[record]).MaxBy(place => place.Batch)!;
}
