using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>One of Control's two key roots: the key that stands beside its store, and the wrap it opens.</summary>
/// <param name="Name">"a" or "b".</param>
public sealed record KeyRoot(string Name, Guid Id, Secret Key);

/// <summary>
/// The region's root key (RKEK), wrapped under each key root: "roots/{root}-{region}.amk1". One root opens it; the wrap
/// of the other is then put right, so that either may be lost.
/// </summary>
internal sealed class RootWraps(IBlobStore store, Region region, IRandom random)
{
    private readonly string _context = KeyContext.Of(KeyType.RegionRoot, region);

    /// <summary>Opens the region's root key, or makes it when the stores are new. Durable when it returns.</summary>
    public async Task<Secret> OpenAsync(IReadOnlyList<KeyRoot> roots, CancellationToken cancel)
    {
        var found = new Secret?[roots.Count];
        var wraps = new Blob?[roots.Count];
        for (var i = 0; i < roots.Count; i++)
        {
            wraps[i] = await store.GetAsync(NameOf(roots[i]), cancel);
            found[i] = TryUnwrap(roots[i], wraps[i]);
        }
        var key = Array.Find(found, candidate => candidate is not null);
        if (key is null) return await CreateAsync(roots, wraps, cancel);
        for (var i = 0; i < roots.Count; i++)
        {
            if (found[i] is null) await WrapAsync(roots[i], wraps[i]?.ETag, key, cancel);
            else if (!found[i]!.Span.SequenceEqual(key.Span)) throw Different();
            if (found[i] != key) found[i]?.Dispose();
        }
        return key;
    }

    private async Task<Secret> CreateAsync(IReadOnlyList<KeyRoot> roots, Blob?[] wraps, CancellationToken cancel)
    {
        if (wraps.Any(wrap => wrap is not null) || await HasAnything(cancel))
            throw new KeyRootException(KeyRootFault.Misconfigured,
                "No key root opens the region's root key, but the stores hold data of it. Put the root.key files back "
                + "that belong to these stores; nothing in them can be read without one.");
        using var candidate = Secret.Random(random);
        foreach (var root in roots) await WrapAsync(root, null, candidate, cancel);
        return TryUnwrap(roots[0], await store.GetAsync(NameOf(roots[0]), cancel)) ?? throw Different();
    }

    private async Task WrapAsync(KeyRoot root, string? etag, Secret key, CancellationToken cancel)
    {
        var wrap = KeyBlob.Wrap(root.Key, root.Id, 1, KeyType.RegionRoot, _context, key.Span, random);
        var result = await store.PutIfMatchAsync(NameOf(root), wrap, etag, cancel);
        if (!result.Done)
            throw new KeyRootException(
                KeyRootFault.Unavailable, "Another control silo is starting on these stores; start again.");
    }

    private Secret? TryUnwrap(KeyRoot root, Blob? wrap)
    {
        if (wrap is null) return null;
        try
        {
            return KeyBlob.Unwrap(root.Key, root.Id, wrap.Content.Span, KeyType.RegionRoot, _context);
        }
        catch (SealException)
        {
            return null; // wrapped by a root that is gone, or damaged: the other root decides
        }
    }

    private async Task<bool> HasAnything(CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("", null, cancel)) return true;
        return false;
    }

    private string NameOf(KeyRoot root) => $"roots/{root.Name}-{region.Text()}.amk1";

    private static KeyRootException Different() => new(KeyRootFault.Misconfigured,
        "The two key roots open different root keys: one store or root.key file belongs to another Control.");
}
