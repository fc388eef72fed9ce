using System.Runtime.CompilerServices;

namespace AMA.Archive.Blobs;

/// <summary>The blobs of a store below one folder, under their names in it.</summary>
/// <param name="folder">Ends with '/'.</param>
public sealed class FolderStore(IBlobStore inner, string folder) : IBlobStore
{
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        inner.PutIfAbsentAsync(folder + name, content, cancel);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        inner.PutIfMatchAsync(folder + name, content, etag, cancel);

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) =>
        inner.CreateAsync(folder + name, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => inner.GetAsync(folder + name, cancel);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(folder + name, offset, buffer, cancel);

    public async ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) =>
        await inner.StatAsync(folder + name, cancel) is { } info ? info with { Name = name } : null;

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var blob in inner.ListAsync(folder + prefix, after is null ? null : folder + after, cancel))
            yield return blob with { Name = blob.Name[folder.Length..] };
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(folder + name, cancel);
}
