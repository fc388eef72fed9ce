using System.Diagnostics.CodeAnalysis;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys;

/// <summary>
/// A puncturable tree of 2^32 leaf keys (GGM): the keys of a retention epoch, or a leased part of them. It holds the
/// fewest nodes from which the leaves that live can be derived; erasing a leaf replaces the node above it by the
/// siblings on the way down, so that the erased key can never be derived again from what is held. Erased nodes are
/// zeroed at once. Not thread-safe. docs/formats/key-tree.md.
/// </summary>
public sealed class KeyTree : IDisposable
{
    public const int Levels = 32;

    // Sorted by first leaf; ranges never overlap.
    private readonly List<TreeNode> _nodes;

    private KeyTree(List<TreeNode> nodes) => _nodes = nodes;

    public int NodeCount => _nodes.Count;

    public static KeyTree Create(IRandom random) =>
        new([new TreeNode(0, 0, Secret.Random(random, TreeDerivation.NodeBytes))]);

    /// <summary>
    /// A tree of just these nodes; their keys are copied. Throws <see cref="SealException"/> (Format) when they
    /// overlap, or lie askew.
    /// </summary>
    public static KeyTree FromNodes(IEnumerable<TreeNode> nodes)
    {
        var sorted = nodes.OrderBy(node => node.FirstLeaf).ToList();
        KeyTreeState.Check(sorted);
        return new([.. sorted.Select(node => node with { Key = node.Key.Clone() })]);
    }

    /// <summary>Bytes of the whole state, for wrapping only; the caller disposes of them.</summary>
    public Secret Export() => KeyTreeState.Write(_nodes);

    /// <summary>Throws <see cref="SealException"/>: Format, Reserved, Truncated, Trailing, Limit.</summary>
    public static KeyTree Import(ReadOnlySpan<byte> state) => new(KeyTreeState.Read(state));

    /// <summary>Whether the leaf's key can be derived; costs no derivation.</summary>
    public bool Contains(uint leaf) => IndexOf(leaf) >= 0;

    /// <summary>Whether any key of <paramref name="count"/> leaves from <paramref name="first"/> on can be derived.</summary>
    public bool ContainsAny(uint first, uint count)
    {
        if (count == 0) return false;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count - 1, uint.MaxValue - first, nameof(count));
        var index = FirstIndexAtOrAfter(first);
        return index < _nodes.Count && _nodes[index].FirstLeaf <= first + (count - 1);
    }

    /// <summary>
    /// The leaves from <paramref name="first"/> to <paramref name="last"/> whose keys can be derived, as ranges in order;
    /// costs no derivation. The whole tree, 2^32 leaves, comes as two.
    /// </summary>
    public IEnumerable<(uint First, uint Count)> Held(uint first, uint last)
    {
        for (var i = FirstIndexAtOrAfter(first); i < _nodes.Count && _nodes[i].FirstLeaf <= last;)
        {
            ulong from = Math.Max(first, _nodes[i].FirstLeaf), to = _nodes[i].LastLeaf;
            for (i++; i < _nodes.Count && _nodes[i].FirstLeaf == to + 1; i++) to = _nodes[i].LastLeaf;
            to = Math.Min(to, last);
            for (; to - from >= uint.MaxValue; from += HalfOfAll) yield return ((uint)from, (uint)HalfOfAll);
            yield return ((uint)from, (uint)(to - from + 1));
        }
    }

    private const ulong HalfOfAll = 1UL << (Levels - 1);

    /// <summary>The leaf's key, for the caller to dispose of. False: erased, or never part of this tree.</summary>
    public bool TryLeaf(uint leaf, [NotNullWhen(true)] out Secret? key)
    {
        var index = IndexOf(leaf);
        key = index < 0 ? null : TreeDerivation.Walk(_nodes[index], leaf, Levels);
        return key is not null;
    }

    /// <summary>Erases one leaf. False: it was erased already, or never part of this tree.</summary>
    public bool Puncture(uint leaf) => Erase(leaf, leaf);

    /// <summary>Erases <paramref name="count"/> leaves from <paramref name="first"/> on, those that are held.</summary>
    public void PunctureRange(uint first, uint count)
    {
        if (count == 0) return;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count - 1, uint.MaxValue - first, nameof(count));
        Erase(first, first + (count - 1));
    }

    /// <summary>
    /// The one node over 2^<paramref name="leavesLog2"/> leaves; its key is the caller's to dispose of. Throws
    /// <see cref="SealException"/> (Punctured) when any leaf under it was erased or isn't part of this tree.
    /// </summary>
    public TreeNode Subtree(uint firstLeaf, int leavesLog2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leavesLog2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leavesLog2, Levels);
        if ((firstLeaf & ((1UL << leavesLog2) - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(firstLeaf), firstLeaf, "not a multiple of the length");
        var depth = Levels - leavesLog2;
        var index = IndexOf(firstLeaf);
        SealException.Unless(
            index >= 0 && _nodes[index].Depth <= depth, SealFault.Punctured, "a leaf of the subtree isn't held");
        return new TreeNode(firstLeaf, depth, TreeDerivation.Walk(_nodes[index], firstLeaf, depth));
    }

    /// <summary>
    /// A new tree of these leaves only: what a legal hold leaves of an epoch. Throws <see cref="SealException"/>
    /// (Punctured) when one of them isn't held: a hold must not lose a leaf in silence. Ask <see cref="Contains"/>.
    /// </summary>
    public KeyTree KeepOnly(IEnumerable<uint> leaves)
    {
        var kept = new List<TreeNode>();
        foreach (var leaf in leaves.Distinct().Order())
        {
            if (!TryLeaf(leaf, out var key))
            {
                kept.ForEach(node => node.Key.Dispose());
                throw new SealException(SealFault.Punctured, $"leaf {leaf} isn't held");
            }
            kept.Add(new TreeNode(leaf, Levels, key));
        }
        return new(kept);
    }

    public void Dispose()
    {
        foreach (var node in _nodes) node.Key.Dispose();
        _nodes.Clear();
    }

    private bool Erase(uint first, uint last)
    {
        var from = FirstIndexAtOrAfter(first);
        var to = from;
        var rest = new List<TreeNode>();
        for (; to < _nodes.Count && _nodes[to].FirstLeaf <= last; to++)
        {
            Spare(_nodes[to], first, last, rest);
            _nodes[to].Key.Dispose();
        }
        _nodes.RemoveRange(from, to - from);
        _nodes.InsertRange(from, rest);
        return to > from;
    }

    /// <summary>Adds what remains of a node when the leaves from first to last are gone, in order.</summary>
    private static void Spare(TreeNode node, uint first, uint last, List<TreeNode> rest)
    {
        if (node.FirstLeaf > last || node.LastLeaf < first)
        {
            rest.Add(node with { Key = node.Key.Clone() });
            return;
        }
        if (node.FirstLeaf >= first && node.LastLeaf <= last) return;

        // Partly erased, so it has at least two leaves; the recursion ends at depth 32.
        var half = (uint)(node.Leaves >> 1);
        for (var bit = 0u; bit < 2; bit++)
        {
            using var child = TreeDerivation.Child(node.Key, bit);
            Spare(new TreeNode(node.FirstLeaf + bit * half, node.Depth + 1, child), first, last, rest);
        }
    }

    /// <summary>The node over the leaf, or −1.</summary>
    private int IndexOf(uint leaf)
    {
        var index = FirstIndexAtOrAfter(leaf);
        return index < _nodes.Count && _nodes[index].Covers(leaf) ? index : -1;
    }

    /// <summary>The first node whose last leaf isn't before <paramref name="leaf"/>.</summary>
    private int FirstIndexAtOrAfter(uint leaf)
    {
        int low = 0, high = _nodes.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_nodes[middle].LastLeaf < leaf) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
