using System.Collections.Concurrent;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// The one place in a silo where leased keys lie. Grains ask it by what they need and get nothing once the lease has
/// ended; a key never travels in a grain message.
/// </summary>
public sealed class LeaseHolder : IDisposable
{
    private readonly ConcurrentDictionary<Guid, HeldLease> _leases = new();
    private readonly ConcurrentDictionary<Guid, IngestLease> _ingest = new();

    public IEnumerable<HeldLease> All => _leases.Values;

    public void Put(HeldLease lease) => _leases[lease.Id] = lease;

    public void Put(IngestLease lease)
    {
        _ingest[lease.Lease.Id] = lease;
        Put(lease.Lease);
    }

    /// <summary>The live ingest lease of a part, or null.</summary>
    public IngestLease? Ingest(RetentionPart part) =>
        _ingest.Values.FirstOrDefault(l => l.Part == part && !l.Lease.Ended);

    /// <summary>The index key of a part under any live lease of its tenant; null: the index is locked.</summary>
    public LeasedKey? IndexKey(RetentionPart part) =>
        _leases.Values.Select(l => l.Find(LeasedKeyKind.Ixk, part)).FirstOrDefault(k => k is not null);

    /// <summary>True while something new may be started on a part's index.</summary>
    public bool IndexMayStart(RetentionPart part) =>
        _leases.Values.Any(l => l.MayStart && l.Find(LeasedKeyKind.Ixk, part) is not null);

    public Secret? QueueKey(ulong keyId) => _leases.Values
        .Where(l => l.Purpose == LeasePurpose.Queue && !l.Ended)
        .SelectMany(l => l.Keys)
        .FirstOrDefault(k => k.Kind == LeasedKeyKind.QueuePrivate && k.KeyId == keyId)?.Key;

    public void Drop(Guid lease)
    {
        if (_ingest.TryRemove(lease, out var ingest)) ingest.Dispose();
        if (_leases.TryRemove(lease, out var held)) held.Dispose();
    }

    /// <summary>Zeroes and forgets every lease that has ended; how many there were.</summary>
    public int Sweep()
    {
        var ended = _leases.Values.Where(l => l.Ended).ToArray();
        foreach (var lease in ended)
            Drop(lease.Id);
        return ended.Length;
    }

    public void Dispose()
    {
        foreach (var id in _leases.Keys)
            Drop(id);
    }
}

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

/// <summary>The lease a piece of work ran under has ended: nothing of it may go out.</summary>
public sealed class LeaseEndedException() : Exception("the key lease has ended");
