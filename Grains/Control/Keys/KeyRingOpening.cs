using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Erasure;
using AMA.Archive.Keys.Roots;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// Opens the region's keys from Control's stores, or makes them at the first start: root key, then state key, then all
/// others. Each is durable in both stores before the next one is used. Of several silos that start at once, the
/// first writer of each blob decides.
/// </summary>
/// <param name="store">Both stores as one.</param>
public sealed class KeyRingOpening(IBlobStore store, Region region, IRandom random, TimeProvider time)
{
    private readonly RegionKeysStore _documents = new(store, region, random);

    public static string StateKeyNameOf(Region region) => $"keys/{region.Text()}-state.amk1";

    /// <param name="newOperatorTokenHash">
    /// Asked at the very first start only: makes the operator token where the operator finds it, and answers its hash.
    /// </param>
    public async Task<KeyRing> OpenAsync(
        IReadOnlyList<StoreKeyRoot> roots, Func<byte[]> newOperatorTokenHash, CancellationToken cancel)
    {
        var rootKey = await new RootWraps(store, region, random).OpenAsync(roots, cancel);
        var bare = new WrappingKey(RootIds.Of(rootKey), rootKey);
        var known = new WrappingKeys(bare);
        if (await new RootRenewal(store, region, random).FormerAsync(bare, cancel) is { } former) known.AddFormer(former);
        var state = await OpenStateKeyAsync(known, cancel);
        var document = await _documents.ReadAsync(state, cancel)
            ?? await CreateAsync(bare, state, newOperatorTokenHash, cancel);
        return Open(known, state, document);
    }

    private KeyRing Open(WrappingKeys known, Secret state, RegionKeysDocument document)
    {
        // A rotation that was cut has not told the document yet.
        var isNewest = KeyBlob.Peek(document.StoreKey).WrappingKeyId == known.Newest.Id;
        var newest = known.Newest with { Version = document.RootVersion + (isNewest ? 0u : 1u) };
        var store = new WrappingKey(
            document.StoreKeyId, Unwrap(KeyType.Store, document.StoreKey), document.StoreKeyVersion);
        var own = (RegionSigners.Open(document, known), RegionIssuers.Open(document, known));
        var ring = new KeyRing(newest, store, state, own, document, time);
        foreach (var former in known.Former) ring.Root.AddFormer(former);
        if (document is { FormerStoreKeyId: { } id, FormerStoreKey: { } blob })
            ring.Store.AddFormer(new(id, Unwrap(KeyType.Store, blob)));
        return ring;

        Secret Unwrap(KeyType type, byte[] wrapped) => known.Unwrap(type, Context(type), wrapped);
    }

    private string StateKeyName => StateKeyNameOf(region);

    private async Task<Secret> OpenStateKeyAsync(WrappingKeys root, CancellationToken cancel)
    {
        var context = Context(KeyType.State);
        if (await store.GetAsync(StateKeyName, cancel) is null)
        {
            await RefuseIfUsedAsync(StateKeyName, cancel);
            using var made = Secret.Random(random);
            await store.PutIfAbsentAsync(StateKeyName, root.Wrap(KeyType.State, context, made, random), cancel);
        }
        var blob = await store.GetAsync(StateKeyName, cancel) ?? throw Missing(StateKeyName);
        return root.Unwrap(KeyType.State, context, blob.Content.Span);
    }

    private async Task<RegionKeysDocument> CreateAsync(
        WrappingKey root, Secret state, Func<byte[]> newOperatorTokenHash, CancellationToken cancel)
    {
        await RefuseIfUsedAsync(_documents.Name, cancel);
        using var storeKey = Secret.Random(random);
        using var signing = Secret.Random(random, SignedDocument.SeedBytes);
        using var authority = CertificateAuthority.Create(region, time.GetUtcNow());
        using var authorityKey = authority.ExportPrivateKey();
        var document = new RegionKeysDocument(
            region, random.NextId(), root.Wrap(KeyType.Store, Context(KeyType.Store), storeKey, random),
            root.Wrap(KeyType.Signing, Context(KeyType.Signing), signing, random),
            root.Wrap(KeyType.Authority, Context(KeyType.Authority), authorityKey, random),
            authority.Certificate, newOperatorTokenHash())
        {
            SigningMadeAt = time.GetUtcNow(), AuthorityMadeAt = time.GetUtcNow(),
        };
        await _documents.PutIfAbsentAsync(state, document, 1, cancel);
        return await _documents.ReadAsync(state, cancel) ?? throw Missing(_documents.Name);
    }

    /// <summary>New keys beside old states would lock those for ever, in silence.</summary>
    private async Task RefuseIfUsedAsync(string missing, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("state/", null, cancel)) throw Missing(missing);
        await foreach (var _ in store.ListAsync("passing/", null, cancel)) throw Missing(missing);
        await foreach (var _ in store.ListAsync(ErasableStore.Prefix, null, cancel)) throw Missing(missing);
    }

    private string Context(KeyType type) => KeyContext.Of(type, region);

    private static KeyRootException Missing(string name) => new(
        KeyRootFault.Misconfigured, $"The blob {name} is gone from Control's stores.");
}
