using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// The blobs of a rotation of the region's root key that is under way: "keys/{region}-root-next.amk1" is the new key
/// under the old one, "keys/{region}-root-former.amk1" the old one under the new. With either root's wrap and these two
/// both keys open, wherever the rotation was cut.
/// </summary>
internal sealed class RootRenewal(IBlobStore store, Region region, IRandom random)
{
    private readonly string _context = KeyContext.Of(KeyType.RegionRoot, region);

    /// <summary>Null: none is under way, or it has come as far as <paramref name="current"/>.</summary>
    public Task<WrappingKey?> NextAsync(WrappingKey current, CancellationToken cancel) =>
        OpenAsync(NextName, current, current.Version + 1, cancel);

    /// <summary>The key before <paramref name="current"/>, while something may still be wrapped under it.</summary>
    public Task<WrappingKey?> FormerAsync(WrappingKey current, CancellationToken cancel) =>
        OpenAsync(FormerName, current, current.Version - 1, cancel);

    /// <summary>Begins, or goes on with, a rotation: answers the new key, durable beside the old one.</summary>
    public async Task<WrappingKey> BeginAsync(WrappingKey current, CancellationToken cancel)
    {
        var next = await NextAsync(current, cancel) ?? await MakeAsync(current, cancel);
        await ReplaceAsync(FormerName, next.Wrap(KeyType.RegionRoot, _context, current.Key, random), cancel);
        return next;
    }

    public async Task EndAsync(CancellationToken cancel)
    {
        await store.DeleteAsync(NextName, cancel);
        await store.DeleteAsync(FormerName, cancel);
    }

    private string NextName => $"keys/{region.Text()}-root-next.amk1";

    private string FormerName => $"keys/{region.Text()}-root-former.amk1";

    private async Task<WrappingKey> MakeAsync(WrappingKey current, CancellationToken cancel)
    {
        using (var made = Secret.Random(random))
            await ReplaceAsync(NextName, current.Wrap(KeyType.RegionRoot, _context, made, random), cancel);
        return await NextAsync(current, cancel) ?? throw new BlobNotFoundException(NextName);
    }

    private async Task<WrappingKey?> OpenAsync(
        string name, WrappingKey under, uint version, CancellationToken cancel)
    {
        if (await store.GetAsync(name, cancel) is not { } blob) return null;
        if (KeyBlob.Peek(blob.Content.Span).WrappingKeyId != under.Id) return null;
        var key = under.Unwrap(KeyType.RegionRoot, _context, blob.Content.Span);
        return new(RootIds.Of(key), key, version);
    }

    private async Task ReplaceAsync(string name, byte[] content, CancellationToken cancel)
    {
        var there = await store.GetAsync(name, cancel);
        if (!(await store.PutIfMatchAsync(name, content, there?.ETag, cancel)).Done)
            throw new BlobStoreException($"{name} is being changed by another silo", transient: true);
    }
}
