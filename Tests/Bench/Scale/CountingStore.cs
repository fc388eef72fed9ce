using AMA.Archive.Blobs;

namespace AMA.Tests.Bench.Scale;

/// <summary>What is written, summed over the stores that share it.</summary>
public sealed class WriteCount
{
    private long _bytes;
    private long _writes;

    public (long Bytes, long Writes) Now => (Interlocked.Read(ref _bytes), Interlocked.Read(ref _writes));

    public void Add(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _writes);
    }
}

/// <summary>A store whose puts are counted.</summary>
public sealed class CountingStore(IBlobStore inner, WriteCount count) : IBlobStore, IDisposable
{
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        count.Add(content.Length);
        return inner.PutIfAbsentAsync(name, content, cancel);
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        count.Add(content.Length);
        return inner.PutIfMatchAsync(name, content, etag, cancel);
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
}
