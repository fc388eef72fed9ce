using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// A tenant's keys, open for one request and gone after it. Everything it makes is wrapped; what it opens is the
/// caller's to dispose of.
/// </summary>
internal sealed class TenantKeys : IDisposable
{
    private const uint FirstIndexVersion = 1;

    private readonly WrappingKey _key;
    private readonly Region _region;
    private readonly TenantId _tenant;
    private readonly IRandom _random;

    private TenantKeys(WrappingKey key, Region region, TenantId tenant, IRandom random) =>
        (_key, _region, _tenant, _random) = (key, region, tenant, random);

    /// <summary>The first state of a tenant: a fresh key, not durable yet.</summary>
    public static LeaseState Create(KeyRing ring, Guid tenant, IRandom random)
    {
        using var key = Secret.Random(random);
        var wrapped = ring.Root.Wrap(KeyType.Tenant, ContextOf(ring.Region, new(tenant)), key, random);
        var state = new LeaseState { Tenant = tenant, TenantKeyId = random.NextId(), TenantKey = wrapped };
        using var keys = Open(ring, state, random);
        return keys.WithAuditKey(state);
    }

    public static TenantKeys Open(KeyRing ring, LeaseState state, IRandom random)
    {
        var tenant = new TenantId(state.Tenant!.Value);
        var key = ring.Root.Unwrap(KeyType.Tenant, ContextOf(ring.Region, tenant), state.TenantKey);
        return new(new(state.TenantKeyId, key, state.TenantKeyVersion), ring.Region, tenant, random);
    }

    /// <summary>The state with its key under the newest root key; null: it is.</summary>
    public static LeaseState? UnderNewestRoot(KeyRing ring, LeaseState state, IRandom random)
    {
        if (KeyBlob.Peek(state.TenantKey).WrappingKeyId == ring.Root.Newest.Id) return null;
        using var keys = Open(ring, state, random);
        var wrapped = ring.Root.Wrap(KeyType.Tenant, ContextOf(ring.Region, keys._tenant), keys._key.Key, random);
        return state with { TenantKey = wrapped };
    }

    /// <summary>The state under a new tenant's key: every key wrapped again, none of them changed.</summary>
    public static LeaseState Renewed(KeyRing ring, LeaseState state, IRandom random)
    {
        using var old = Open(ring, state, random);
        using var made = Secret.Random(random);
        var next = state with
        {
            TenantKeyId = random.NextId(), TenantKeyVersion = state.TenantKeyVersion + 1,
            TenantKey = ring.Root.Wrap(KeyType.Tenant, ContextOf(ring.Region, old._tenant), made, random),
        };
        using var keys = Open(ring, next, random);
        return next with
        {
            AuditKey = state.AuditKey is { } audit ? keys.Take(old, KeyType.Audit, old.AuditContext, audit) : null,
            Keys = [.. state.Keys.Select(part => keys.Take(old, part))],
        };
    }

    private PartKeys Take(TenantKeys old, PartKeys part) => part with
    {
        Tree = Take(old, KeyType.EpochTree, TreeContext(part), part.Tree),
        Index = Take(old, KeyType.Index, IndexContext(part), part.Index),
        Identity = Take(old, KeyType.Identity, IdentityContext(part), part.Identity),
        PreviousIndex = part.PreviousIndex is { } previous
            ? Take(old, KeyType.Index, IndexContext(part with { IndexVersion = part.PreviousIndexVersion }), previous)
            : null,
    };

    private byte[] Take(TenantKeys old, KeyType type, string context, byte[] blob)
    {
        using var key = old._key.Unwrap(type, context, blob);
        return _key.Wrap(type, context, key, _random);
    }

    public PartKeys NewPart(LeaseTarget target)
    {
        using var tree = KeyTree.Create(_random);
        using var treeState = tree.Export();
        using var index = Secret.Random(_random);
        using var identity = Secret.Random(_random);
        var parts = new PartKeys(target.Class, target.Epoch, target.Generation, [], FirstIndexVersion, [], []);
        return parts with
        {
            Tree = _key.Wrap(KeyType.EpochTree, TreeContext(parts), treeState, _random),
            Index = _key.Wrap(KeyType.Index, IndexContext(parts), index, _random),
            Identity = _key.Wrap(KeyType.Identity, IdentityContext(parts), identity, _random),
        };
    }

    public LeasedKey Subtree(PartKeys part, SubtreeAllocation subtree)
    {
        using var tree = OpenTree(part);
        var node = tree.Subtree(subtree.FirstLeaf, subtree.LeavesLog2);
        return new(
            LeasedKeyKind.Subtree, 0, part.Class, part.Epoch, part.Generation, node.FirstLeaf, node.Depth, node.Key);
    }

    /// <summary>
    /// Exactly these leaves. Throws <see cref="LeaseRefusedException"/> (NotFound) when one was erased, unless those are
    /// to be left out.
    /// </summary>
    public void AddLeaves(PartKeys part, IEnumerable<uint> leaves, List<LeasedKey> keys, bool skipErased = false)
    {
        using var tree = OpenTree(part);
        foreach (var leaf in leaves)
        {
            if (!tree.TryLeaf(leaf, out var key) && skipErased) continue;
            if (key is null)
                throw new LeaseRefusedException(LeaseRefusal.NotFound, $"leaf {leaf} was erased");
            keys.Add(new(
                LeasedKeyKind.Leaf, 0, part.Class, part.Epoch, part.Generation, leaf, KeyTree.Levels, key));
        }
    }

    /// <summary>IXK, and the version before it while files of the index may still lie under that one.</summary>
    public IEnumerable<LeasedKey> Index(PartKeys part)
    {
        yield return Index(part, part.IndexVersion, part.Index);
        if (part.PreviousIndex is { } previous) yield return Index(part, part.PreviousIndexVersion, previous);
    }

    public LeasedKey Identity(PartKeys part) => new(
        LeasedKeyKind.Idk, 0, part.Class, part.Epoch, part.Generation, 0, 0,
        _key.Unwrap(KeyType.Identity, IdentityContext(part), part.Identity));

    /// <summary>The state with a pair for the tenant's audit; the same when it has one.</summary>
    public LeaseState WithAuditKey(LeaseState state)
    {
        if (state.AuditKey is not null) return state;
        var (secret, publicKey) = KeyAgreement.NewPair(_random);
        using (secret)
            return state with
            {
                AuditKey = _key.Wrap(KeyType.Audit, AuditContext, secret, _random), AuditPublic = publicKey,
            };
    }

    /// <summary>No secret, but it travels with the others and so needs no signature of its own.</summary>
    public static LeasedKey AuditPublic(LeaseState state) =>
        new(LeasedKeyKind.AuditPublic, 0, 0, 0, 0, 0, 0, Secret.Copy(state.AuditPublic));

    public LeasedKey AuditPrivate(LeaseState state) => new(
        LeasedKeyKind.AuditPrivate, 0, 0, 0, 0, 0, 0, _key.Unwrap(KeyType.Audit, AuditContext, state.AuditKey));

    /// <summary>The part with these leaves erased for ever; the same object when all of them were before.</summary>
    public PartKeys Puncture(PartKeys part, IEnumerable<uint> leaves)
    {
        using var tree = OpenTree(part);
        var any = false;
        foreach (var leaf in leaves) any |= tree.Puncture(leaf);
        return any ? WithTree(part, tree) : part;
    }

    /// <summary>Those of the leaves whose key the part's tree still has.</summary>
    public IReadOnlySet<uint> HeldOf(PartKeys part, IEnumerable<uint> leaves)
    {
        using var tree = OpenTree(part);
        return leaves.Where(tree.Contains).ToHashSet();
    }

    /// <summary>The first of the subtrees of which the part's tree still has a leaf's key, or null.</summary>
    public SubtreeAllocation? FirstHeldOf(PartKeys part, IEnumerable<SubtreeAllocation> subtrees)
    {
        using var tree = OpenTree(part);
        return subtrees.FirstOrDefault(subtree => tree.ContainsAny(subtree.FirstLeaf, subtree.Leaves));
    }

    /// <summary>Ranges of the subtrees whose keys the part's tree still has, in order, the first ones.</summary>
    public ResealLeft[] RangesHeldOf(PartKeys part, IEnumerable<SubtreeAllocation> subtrees, int max)
    {
        using var tree = OpenTree(part);
        return [.. subtrees.SelectMany(subtree => tree.Held(subtree.FirstLeaf, (uint)(subtree.End - 1)))
            .Take(max).Select(range => new ResealLeft(range.First, range.Count))];
    }

    /// <summary>The part with these ranges erased for ever.</summary>
    public PartKeys Puncture(PartKeys part, IEnumerable<ResealLeft> ranges)
    {
        using var tree = OpenTree(part);
        foreach (var range in ranges) tree.PunctureRange(range.First, range.Count);
        return WithTree(part, tree);
    }

    /// <summary>The part with the keys of these leaves only, less those that were erased before.</summary>
    public PartKeys KeepOnly(PartKeys part, IEnumerable<uint> leaves)
    {
        using var tree = OpenTree(part);
        using var kept = tree.KeepOnly(leaves.Where(tree.Contains));
        return WithTree(part, kept);
    }

    /// <summary>The part's next index key; the one before stays until the index is rewritten.</summary>
    public PartKeys NextIndex(PartKeys part)
    {
        using var index = Secret.Random(_random);
        var next = part with { IndexVersion = part.IndexVersion + 1 };
        return next with
        {
            Index = _key.Wrap(KeyType.Index, IndexContext(next), index, _random),
            PreviousIndex = part.Index, PreviousIndexVersion = part.IndexVersion,
        };
    }

    /// <summary>A fresh tree for what survives of the part; its index and tag keys go on.</summary>
    public PartKeys NextGeneration(PartKeys part)
    {
        using var tree = KeyTree.Create(_random);
        return WithTree(part with { Generation = part.Generation + 1, IsReseal = true }, tree);
    }

    public void Dispose() => _key.Key.Dispose();

    private LeasedKey Index(PartKeys part, uint version, byte[] wrapped) => new(
        LeasedKeyKind.Ixk, version, part.Class, part.Epoch, part.Generation, 0, 0,
        _key.Unwrap(KeyType.Index, IndexContext(part with { IndexVersion = version }), wrapped));

    private PartKeys WithTree(PartKeys part, KeyTree tree)
    {
        using var state = tree.Export();
        return part with { Tree = _key.Wrap(KeyType.EpochTree, TreeContext(part), state, _random) };
    }

    private KeyTree OpenTree(PartKeys part)
    {
        using var state = _key.Unwrap(KeyType.EpochTree, TreeContext(part), part.Tree);
        return KeyTree.Import(state.Span);
    }

    private static string ContextOf(Region region, TenantId tenant) => KeyContext.Of(KeyType.Tenant, region, tenant);

    private string AuditContext => KeyContext.Of(KeyType.Audit, _region, _tenant);

    private string TreeContext(PartKeys part) =>
        KeyContext.Of(KeyType.EpochTree, _region, _tenant, part.Class, part.Epoch, part.Generation);

    private string IndexContext(PartKeys part) =>
        KeyContext.Of(KeyType.Index, _region, _tenant, part.Class, part.Epoch, part.IndexVersion);

    private string IdentityContext(PartKeys part) =>
        KeyContext.Of(KeyType.Identity, _region, _tenant, part.Class, part.Epoch);
}
