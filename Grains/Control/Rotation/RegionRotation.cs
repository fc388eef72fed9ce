using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;

namespace AMA.Grains.Control.Rotation;

/// <summary>
/// The steps of a rotation in the region's own documents. Each is durable before the next; each does nothing when it was
/// done. Until the end both versions are in memory and in the stores, so that any state opens.
/// </summary>
public sealed class RegionRotation(
    IBlobStore store, KeyRing ring, ControlKeyRoots roots, RecoveryDesk recovery, IRandom random)
{
    private readonly RootRenewal _renewal = new(store, ring.Region, random);
    private readonly RegionKeysStore _documents = new(store, ring.Region, random);

    public bool IsStoreUnderWay => ring.Document.FormerStoreKey is not null;

    /// <summary>Whether a rotation of the root key was begun and not ended.</summary>
    internal async Task<bool> IsRootUnderWayAsync(CancellationToken cancel) =>
        await _renewal.NextAsync(ring.Root.Newest, cancel) is not null
        || await _renewal.FormerAsync(ring.Root.Newest, cancel) is not null;

    /// <summary>
    /// The new root key: beside the old one, sealed to the recovery key, under both key roots; then state key, SKEK, CSK
    /// and CA under it. What is left are the tenants' keys.
    /// </summary>
    public async Task BeginRootAsync(CancellationToken cancel)
    {
        // Cut after the key roots took the new key: the former one is what shows it, and the rest is done again.
        var cut = await _renewal.NextAsync(ring.Root.Newest, cancel) is null
            && await _renewal.FormerAsync(ring.Root.Newest, cancel) is not null;
        if (!cut)
        {
            var next = await _renewal.BeginAsync(ring.Root.Newest, cancel);
            await recovery.SealAsync(next.Key, cancel);
            await new RootWraps(store, ring.Region, random).ReplaceAsync(roots.All, next.Key, cancel);
            ring.Root.Renew(next);
        }
        await RewrapStateKeyAsync(cancel);
        ring.Document = await _documents.ChangeAsync(ring.State, Rewrapped, cancel);
    }

    /// <summary>Names the newest RKEK in the blobs that it wraps.</summary>
    public Guid RootKeyId => ring.Root.Newest.Id;

    /// <summary>Nothing is under the old root key any more.</summary>
    /// <param name="wrapped">The key under which everything was wrapped; throws if that isn't the newest.</param>
    public async Task EndRootAsync(Guid? wrapped, CancellationToken cancel)
    {
        if (wrapped != RootKeyId) throw new InvalidOperationException("not everything is under the newest root key");
        await _renewal.EndAsync(cancel);
        ring.Root.ForgetFormer();
    }

    /// <summary>Keys that nothing needed when the last rotation ended leave the memory.</summary>
    public void ZeroForgotten()
    {
        ring.Root.ZeroForgotten();
        ring.Store.ZeroForgotten();
    }

    public async Task BeginStoreAsync(CancellationToken cancel)
    {
        using var made = Secret.Random(random);
        var id = random.NextId();
        var blob = ring.Root.Wrap(KeyType.Store, Context(KeyType.Store), made, random);
        // By the document: a write that threw may be durable, and its key is the one to go on with.
        var now = await _documents.ChangeAsync(ring.State, document => document.FormerStoreKey is not null ? document
        : document with
        {
            StoreKeyId = id, StoreKey = blob,
            StoreKeyVersion = document.StoreKeyVersion + 1,
            FormerStoreKeyId = document.StoreKeyId, FormerStoreKey = document.StoreKey,
        }, cancel);
        ring.Document = now;
        if (ring.Store.Newest.Id == now.StoreKeyId) return;
        var key = ring.Root.Unwrap(KeyType.Store, Context(KeyType.Store), now.StoreKey);
        ring.Store.Renew(new(now.StoreKeyId, key, now.StoreKeyVersion));
    }

    public async Task EndStoreAsync(CancellationToken cancel)
    {
        var wrapped = ring.Store.Newest.Id;
        ring.Document = await _documents.ChangeAsync(ring.State, document => document.StoreKeyId == wrapped
            ? document with { FormerStoreKeyId = null, FormerStoreKey = null }
            : throw new InvalidOperationException("not everything is under the newest store key"), cancel);
        ring.Store.ForgetFormer();
    }

    private async Task RewrapStateKeyAsync(CancellationToken cancel)
    {
        var name = KeyRingOpening.StateKeyNameOf(ring.Region);
        var there = await store.GetAsync(name, cancel) ?? throw new BlobNotFoundException(name);
        if (KeyBlob.Peek(there.Content.Span).WrappingKeyId == ring.Root.Newest.Id) return;
        var blob = ring.Root.Wrap(KeyType.State, Context(KeyType.State), ring.State, random);
        if (!(await store.PutIfMatchAsync(name, blob, there.ETag, cancel)).Done)
            throw new BlobStoreException($"{name} is being changed by another silo", transient: true);
    }

    private RegionKeysDocument Rewrapped(RegionKeysDocument document) => document with
    {
        RootVersion = ring.Root.Newest.Version,
        StoreKey = Again(KeyType.Store, document.StoreKey),
        FormerStoreKey = document.FormerStoreKey is { } former ? Again(KeyType.Store, former) : null,
        SigningKey = Again(KeyType.Signing, document.SigningKey),
        AuthorityKey = Again(KeyType.Authority, document.AuthorityKey),
        FormerSigningKey = document.FormerSigningKey is { } signing ? Again(KeyType.Signing, signing) : null,
        FormerAuthorityKey = document.FormerAuthorityKey is { } authority ? Again(KeyType.Authority, authority) : null,
    };

    private byte[] Again(KeyType type, byte[] blob)
    {
        using var key = ring.Root.Unwrap(type, Context(type), blob);
        return ring.Root.Wrap(type, Context(type), key, random);
    }

    private string Context(KeyType type) => KeyContext.Of(type, ring.Region);
}
