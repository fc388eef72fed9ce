using AMA.Archive.Blobs;

namespace AMA.Tests.Cluster.Control;

/// <summary>A store whose puts of chosen names fail, as on a full disk: nothing is written.</summary>
internal sealed class FaultyStore(IBlobStore inner) : IBlobStore, IDisposable
{
    /// <summary>Puts of names that begin so fail. Null: none.</summary>
    public string? FailingPrefix { get; set; }

    /// <summary>Whether puts never come back.</summary>
    public bool Hangs { get; set; }

    /// <summary>So many of them still work first.</summary>
    public int LetThrough { get; set; }

    /// <summary>Of all puts, whether they worked or not.</summary>
    public long BytesPut { get; private set; }

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BytesPut += content.Length;
        return Hangs ? new(new TaskCompletionSource<PutResult>().Task)
        : Fails(name) ? throw Full(name) : inner.PutIfAbsentAsync(name, content, cancel);
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        BytesPut += content.Length;
        return Fails(name) ? throw Full(name) : inner.PutIfMatchAsync(name, content, etag, cancel);
    }

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => inner.CreateAsync(name, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => inner.GetAsync(name, cancel);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => inner.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        inner.ListAsync(prefix, after, cancel);

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);

    public void Dispose() => (inner as IDisposable)?.Dispose();

    private bool Fails(string name) =>
        FailingPrefix is { } prefix && name.StartsWith(prefix, StringComparison.Ordinal) && LetThrough-- <= 0;

    private static BlobStoreException Full(string name) => new($"no space for {name}", transient: true);
}
