using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// What a tenant's restored state knows that its log must hold: an empty or cut log says nothing of what was erased, and
/// must not pass for one in which nothing was.
/// </summary>
internal sealed class KnownLeaves
{
    private readonly bool _isUsed;
    private readonly Dictionary<(ushort, uint, uint), List<KnownSubtree>> _unseen;
    private bool _isEmpty;

    public KnownLeaves(ReplayStart start)
    {
        (_isUsed, _isEmpty) = (start.IsUsed, start.Number == 0);
        _unseen = start.Unseen.GroupBy(subtree => (subtree.Class, subtree.Epoch, subtree.Generation))
            .ToDictionary(part => part.Key, part => part.ToList());
    }

    public KnownSubtree[] Unseen => [.. _unseen.Values.SelectMany(subtrees => subtrees)];

    /// <summary>An indexed leaf was committed before; one that is only used may have been given up.</summary>
    public static KnownSubtree[] Of(LeaseLedger ledger) =>
    [
        .. from part in ledger.Parts
           from subtree in part.Subtrees
           where subtree.Indexed > 0
           select new KnownSubtree(part.Class, part.Epoch, part.Generation, subtree.FirstLeaf, subtree.End),
    ];

    public static bool IsUsed(LeaseLedger ledger) =>
        ledger.Parts.Any(part => part.Subtrees.Any(subtree => subtree.Used > 0));

    public void See(LogLeaf leaf)
    {
        _isEmpty = false;
        // Of a re-sealed record the leaf is of the new tree: it accounts for that one.
        var part = (leaf.Class, leaf.Epoch, (uint)leaf.TreeGeneration);
        if (leaf.Type is not (LeafType.Archived or LeafType.Punctured or LeafType.Resealed or LeafType.Delivery)) return;
        if (!_unseen.TryGetValue(part, out var subtrees)) return;
        subtrees.RemoveAll(subtree => leaf.Leaf >= subtree.FirstLeaf && leaf.Leaf < subtree.End);
        if (subtrees.Count == 0) _unseen.Remove(part);
    }

    /// <summary>After the whole log. Throws <see cref="LogException"/> (Truncated).</summary>
    public void RefuseMissing()
    {
        if (_isUsed && _isEmpty) throw Missing("is empty");
        if (_unseen.Count > 0) throw Missing("lacks mail that Control knows of");
    }

    private static LogException Missing(string what) => new(
        LogFault.Truncated, $"the tenant's log in Backup {what}: AMA:Control:Recovery:BackupDirectory must name the "
        + "archive's whole Backup");
}
