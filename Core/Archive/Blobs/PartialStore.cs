using System.Runtime.CompilerServices;

namespace AMA.Archive.Blobs;

/// <summary>A store of which listings show some names only: what is brought level is what is listed.</summary>
public sealed class PartialStore(IBlobStore inner, Func<string, bool> isShown) : IBlobStore
{
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        inner.PutIfAbsentAsync(name, content, cancel);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        inner.PutIfMatchAsync(name, content, etag, cancel);

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => inner.CreateAsync(name, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => inner.GetAsync(name, cancel);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => inner.StatAsync(name, cancel);

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var blob in inner.ListAsync(prefix, after, cancel))
            if (isShown(blob.Name)) yield return blob;
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);
}
