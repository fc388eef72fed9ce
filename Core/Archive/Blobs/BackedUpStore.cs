namespace AMA.Archive.Blobs;

/// <summary>
/// A store of whose blobs every version is in an off-site backup before anybody builds on it: a put answers when both
/// have it, and a get makes sure of it first, so a fault or a kill in between leaves nothing in use that only one has.
/// </summary>
/// <param name="source">This store's name in the backup.</param>
/// <param name="isKept">Which names are backed up.</param>
public sealed class BackedUpStore(IBlobStore inner, OffsiteBackup backup, string source, Func<string, bool> isKept)
    : IBlobStore
{
    public async ValueTask<PutResult> PutIfAbsentAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var put = await inner.PutIfAbsentAsync(name, content, cancel);
        if (put.Done) await KeepAsync(name, content, cancel);
        return put;
    }

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        var put = await inner.PutIfMatchAsync(name, content, etag, cancel);
        if (put.Done) await KeepAsync(name, content, cancel);
        return put;
    }

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => inner.CreateAsync(name, cancel);

    public async ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        var blob = await inner.GetAsync(name, cancel);
        if (blob is not null) await KeepAsync(name, blob.Content, cancel);
        return blob;
    }

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => inner.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        inner.ListAsync(prefix, after, cancel);

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);

    private ValueTask KeepAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        isKept(name) ? backup.KeepAsync(source, name, content, cancel) : default;
}
