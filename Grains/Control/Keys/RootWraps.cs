using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// The region's root key (RKEK), wrapped by each key root: "roots/{root}-{region}.amk1". One root opens it; the wrap of
/// the other is then put right, so that either may be lost. A root that is away is left alone until the next start.
/// </summary>
public sealed class RootWraps(IBlobStore store, Region region, IRandom random)
{
    private readonly string _context = KeyContext.Of(KeyType.RegionRoot, region);

    /// <summary>The name, in every key root, of the key that wraps the region's root key.</summary>
    public static string KeyNameOf(Region region) => $"rkek-{region.Text()}";

    /// <summary>Opens the region's root key, or makes it when the stores are new. Durable when it returns.</summary>
    public async Task<Secret> OpenAsync(IReadOnlyList<StoreKeyRoot> roots, CancellationToken cancel)
    {
        var tries = new List<Try>(roots.Count);
        foreach (var root in roots) tries.Add(await TryOpenAsync(root, cancel));
        var key = await NewestAsync(tries, cancel);
        if (key is null) return await CreateAsync(tries, cancel);
        foreach (var found in tries)
        {
            var isOlder = found.Key is { } other && !other.Span.SequenceEqual(key.Span);
            if (found.Away is null) await PutRightAsync(isOlder ? found with { Key = null } : found, key, cancel);
            if (found.Key != key) found.Key?.Dispose();
        }
        return key;
    }

    /// <summary>Each root's wrap names its newest key, for roots that have changed while Control runs.</summary>
    public async Task PutAllRightAsync(IReadOnlyList<StoreKeyRoot> roots, CancellationToken cancel)
    {
        using var key = await OpenAsync(roots, cancel);
    }

    /// <summary>Whether this root by itself opens the region's root key, under its newest version.</summary>
    public async Task<bool> OpensAloneAsync(StoreKeyRoot root, CancellationToken cancel)
    {
        var found = await TryOpenAsync(root, cancel);
        using var key = found.Key;
        if (key is null) return false;
        var newest = await root.Root.EnsureAsync(KeyNameOf(region), cancel);
        return KeyBlob.Peek(found.Wrap!.Content.Span).WrappingKeyId == newest.Id;
    }

    /// <summary>
    /// The key that the roots open. Cut in the middle of a rotation they open two, and the blob of the rotation says
    /// which is the new one. Throws when they have nothing to do with each other.
    /// </summary>
    private async Task<Secret?> NewestAsync(IReadOnlyList<Try> tries, CancellationToken cancel)
    {
        var keys = tries.Select(found => found.Key).OfType<Secret>().ToArray();
        if (keys.Length < 2 || keys[0].Span.SequenceEqual(keys[1].Span)) return keys.FirstOrDefault();
        var renewal = new RootRenewal(store, region, random);
        foreach (var (older, newer) in new[] { (keys[0], keys[1]), (keys[1], keys[0]) })
        {
            var next = await renewal.NextAsync(new(RootIds.Of(older), older), cancel);
            using var found = next?.Key;
            if (found is not null && found.Span.SequenceEqual(newer.Span)) return newer;
        }
        throw Different();
    }

    private async Task<Secret> CreateAsync(IReadOnlyList<Try> tries, CancellationToken cancel)
    {
        // A root that is away may hold the key: new keys now would be a second Control on the same stores.
        foreach (var found in tries)
            if (found.Away is { } away) throw away;
        if (tries.Any(found => found.Wrap is not null) || await HasAnything(cancel))
            throw new KeyRootException(KeyRootFault.Misconfigured,
                "No key root opens the region's root key, but the stores hold data of it. Put the key roots back that "
                + "belong to these stores (root.key files, tokens or vault keys); nothing in them can be read without "
                + "one.");
        using var candidate = Secret.Random(random);
        foreach (var found in tries) await PutRightAsync(found with { IsNew = true }, candidate, cancel);
        return (await TryOpenAsync(tries[0].Root, cancel)).Key ?? throw Different();
    }

    /// <summary>Wraps a root key that came back from shares under every root that is there.</summary>
    public async Task ReplaceAsync(IReadOnlyList<StoreKeyRoot> roots, Secret key, CancellationToken cancel)
    {
        foreach (var root in roots)
        {
            var found = new Try(root, await store.GetAsync(NameOf(root), cancel), null, null, IsNew: true);
            await PutRightAsync(found, key, cancel);
        }
    }

    /// <summary>Puts a new wrap beside the one that doesn't open, or that names an older key of the root.</summary>
    private async Task PutRightAsync(Try found, Secret key, CancellationToken cancel)
    {
        if (await WrapAgainAsync(found, key, cancel) is not { } wrap) return;
        var result = await store.PutIfMatchAsync(NameOf(found.Root), wrap, found.Wrap?.ETag, cancel);
        if (!result.Done)
            throw new KeyRootException(
                KeyRootFault.Unavailable, "Another control silo is starting on these stores; start again.");
    }

    /// <summary>Null: the wrap is as it should be, or the root went away while the other one serves.</summary>
    private async Task<byte[]?> WrapAgainAsync(Try found, Secret key, CancellationToken cancel)
    {
        var root = found.Root.Root;
        try
        {
            var wrapping = await root.EnsureAsync(KeyNameOf(region), cancel);
            if (found.Key is not null && KeyBlob.Peek(found.Wrap!.Content.Span).WrappingKeyId == wrapping.Id) return null;
            return await root.WrapAsync(wrapping, KeyType.RegionRoot, _context, key, cancel);
        }
        catch (KeyRootException e) when (e.IsSilent && !found.IsNew)
        {
            return null;
        }
    }

    private async Task<Try> TryOpenAsync(StoreKeyRoot root, CancellationToken cancel)
    {
        var wrap = await store.GetAsync(NameOf(root), cancel);
        if (wrap is null) return new(root, null, null, null);
        try
        {
            return new(root, wrap, await root.Root.UnwrapAsync(KeyType.RegionRoot, _context, wrap.Content, cancel), null);
        }
        catch (KeyRootException e) when (e.Fault is KeyRootFault.Missing or KeyRootFault.Tampered)
        {
            return new(root, wrap, null, null); // wrapped by a root that is gone, or damaged: the other root decides
        }
        catch (KeyRootException e) when (e.IsSilent)
        {
            return new(root, wrap, null, e);
        }
    }

    private async Task<bool> HasAnything(CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("", null, cancel)) return true;
        return false;
    }

    private string NameOf(StoreKeyRoot root) => $"roots/{root.Name}-{region.Text()}.amk1";

    private static KeyRootException Different() => new(KeyRootFault.Misconfigured,
        "The two key roots open different root keys: one store or key root belongs to another Control.");

    /// <param name="Away">Why the root could not be asked.</param>
    /// <param name="IsNew">Nothing opens yet: each root must wrap.</param>
    private sealed record Try(
        StoreKeyRoot Root, Blob? Wrap, Secret? Key, KeyRootException? Away, bool IsNew = false);
}
