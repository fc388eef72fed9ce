using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// An ingest lease: an unused subtree of the part's key tree. Leaves are taken once, in order, and forgotten here as
/// soon as their batch is committed: this silo can't open what it archived before.
/// </summary>
public sealed class IngestLease : IDisposable
{
    private readonly Lock _gate = new();
    private readonly KeyTree _tree;
    private uint _used;

    public IngestLease(HeldLease lease, RetentionPart part)
    {
        Lease = lease;
        Part = part;
        var subtree = lease.Keys.Single(k => k.Kind == LeasedKeyKind.Subtree);
        FirstLeaf = subtree.FirstLeaf;
        LeafCount = 1u << (32 - subtree.Depth);
        TreeGeneration = subtree.Generation;
        _tree = KeyTree.FromNodes([new TreeNode(subtree.FirstLeaf, subtree.Depth, subtree.Key)]);
        subtree.Key.Dispose();
    }

    public HeldLease Lease { get; }
    public RetentionPart Part { get; }
    public uint FirstLeaf { get; }
    public uint LeafCount { get; }
    public uint TreeGeneration { get; }
    public uint Used => _used;
    public uint Free => LeafCount - _used;

    /// <summary>Leaves from here on whose records the index holds durably; reported to Control.</summary>
    public uint Indexed { get; set; }

    /// <summary>The tag key for dedupe and links.</summary>
    public Secret TagKey => Lease.Find(LeasedKeyKind.Idk, Part)?.Key
        ?? throw new LeaseEndedException();

    public uint TakeLeaf()
    {
        if (Free == 0) throw new InvalidOperationException("the leased subtree has no leaf left");
        return FirstLeaf + _used++;
    }

    /// <summary>The key of a leaf that was taken and not yet forgotten; the caller disposes of it.</summary>
    public Secret LeafKey(uint leaf)
    {
        lock (_gate)
        {
            if (Lease.Ended) throw new LeaseEndedException();
            return _tree.TryLeaf(leaf, out var key)
                ? key
                : throw new InvalidOperationException($"leaf {leaf} was forgotten or never leased");
        }
    }

    public void Forget(IEnumerable<uint> leaves)
    {
        lock (_gate)
        {
            foreach (var leaf in leaves)
                _tree.Puncture(leaf);
        }
    }

    public IngestReport Report() => new(Part.Class, Part.Epoch, TreeGeneration, FirstLeaf, Used, Indexed);

    public void Dispose()
    {
        lock (_gate) _tree.Dispose();
    }
}
