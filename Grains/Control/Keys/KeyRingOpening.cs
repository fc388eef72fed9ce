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
        var root = new WrappingKey(RootIds.Of(rootKey), rootKey);
        var state = await OpenStateKeyAsync(root, cancel);
        var document = await _documents.ReadAsync(state, cancel) ?? await CreateAsync(root, state, newOperatorTokenHash, cancel);
        var storeKey = root.Unwrap(KeyType.Store, Context(KeyType.Store), document.StoreKey);
        return new KeyRing(
            region, root, new(document.StoreKeyId, storeKey),
            state, root.Unwrap(KeyType.Signing, Context(KeyType.Signing), document.SigningKey),
            root.Unwrap(KeyType.Authority, Context(KeyType.Authority), document.AuthorityKey), document);
    }

    private string StateKeyName => StateKeyNameOf(region);

    private async Task<Secret> OpenStateKeyAsync(WrappingKey root, CancellationToken cancel)
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
            authority.Certificate, newOperatorTokenHash());
        await _documents.PutIfAbsentAsync(state, document, cancel);
        return await _documents.ReadAsync(state, cancel) ?? throw Missing(_documents.Name);
    }

    /// <summary>New keys beside old states would lock those for ever, in silence.</summary>
    private async Task RefuseIfUsedAsync(string missing, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("state/", null, cancel)) throw Missing(missing);
        await foreach (var _ in store.ListAsync(ErasableStore.Prefix, null, cancel)) throw Missing(missing);
    }

    private string Context(KeyType type) => KeyContext.Of(type, region);

    private static KeyRootException Missing(string name) => new(
        KeyRootFault.Misconfigured, $"The blob {name} is gone from Control's stores.");
}
