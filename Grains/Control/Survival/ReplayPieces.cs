using System.Runtime.CompilerServices;
using AMA.Archive.Ids;
using AMA.Archive.Log;

namespace AMA.Grains.Control.Survival;

/// <summary>A tenant's log, in pieces that a grain call can carry and one write can make durable.</summary>
internal static class ReplayPieces
{
    /// <summary>Of one piece; more leaves come in pieces that don't move the position.</summary>
    public const int LeavesMax = 4_096;

    /// <summary>The state is written so often at least: a replay that was cut goes on from there.</summary>
    public const int BatchesMax = 1_024;

    /// <summary>Throws as <see cref="IErasureReplay.BatchesAsync"/>, and when the log is not the tenant's whole one.</summary>
    public static async IAsyncEnumerable<ReplayPiece> ReadAsync(
        IErasureReplay log, TenantId tenant, ReplayStart start, [EnumeratorCancellation] CancellationToken cancel)
    {
        var known = new KnownLeaves(start);
        var (number, hash, batches) = (start.Number, start.Hash, 0);
        var leaves = new List<ReplayedLeaf>();
        await foreach (var (batch, isDecided) in log.BatchesAsync(tenant, (number, hash), cancel))
        {
            foreach (var leaf in batch.Entries.Select(entry => entry.Leaf))
            {
                known.See(leaf);
                if (!ChangesKeys(leaf.Type)) continue;
                if (leaves.Count == LeavesMax) yield return Take(isLast: false);
                leaves.Add(new(leaf.Type, leaf.Class, leaf.Epoch, leaf.TreeGeneration, leaf.Leaf, leaf.IsWholePart));
            }
            if (isDecided) (number, hash) = (batch.Number, batch.Hash);
            if (++batches % BatchesMax == 0) yield return Take(isLast: false);
        }
        known.RefuseMissing();
        yield return Take(isLast: true);

        ReplayPiece Take(bool isLast)
        {
            var piece = new ReplayPiece([.. leaves], number, hash, known.Unseen, isLast);
            leaves.Clear();
            return piece;
        }
    }

    private static bool ChangesKeys(LeafType type) =>
        type is LeafType.Hold or LeafType.HoldOff or LeafType.Punctured or LeafType.EpochDestroyed;
}
