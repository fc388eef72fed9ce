using AMA.Archive.Blobs;

namespace AMA.Tests.Unit.Core.Archive.Packs;

/// <summary>Blobs in memory, with a count of reads and of the largest piece written.</summary>
public sealed class MemoryBlobs : IBlobStore
{
    private readonly Dictionary<string, byte[]> _blobs = [];

    public int Reads { get; set; }

    public int LargestPieceWritten { get; private set; }

    public void Put(string name, byte[] content) => _blobs[name] = content;

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        ValueTask.FromResult(_blobs.TryAdd(name, content.ToArray()) ? new PutResult(true, "1") : PutResult.Refused);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        throw new NotSupportedException("packs are immutable");

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) =>
        ValueTask.FromResult<IBlobWriter>(new Writer(this, name));

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) =>
        ValueTask.FromResult(_blobs.TryGetValue(name, out var bytes) ? new Blob(bytes, "1") : null);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        Reads++;
        if (!_blobs.TryGetValue(name, out var bytes)) throw new BlobNotFoundException(name);
        var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
        bytes.AsMemory((int)offset, count).CopyTo(buffer);
        return ValueTask.FromResult(count);
    }

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) =>
        ValueTask.FromResult<BlobInfo?>(
            _blobs.TryGetValue(name, out var bytes) ? new BlobInfo(name, bytes.Length, "1") : null);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        throw new NotSupportedException();

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => throw new NotSupportedException();

    private sealed class Writer(MemoryBlobs store, string name) : IBlobWriter
    {
        private readonly MemoryStream _content = new();

        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
        {
            store.LargestPieceWritten = Math.Max(store.LargestPieceWritten, content.Length);
            _content.Write(content.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask<PutResult> CommitAsync(CancellationToken cancel) =>
            store.PutIfAbsentAsync(name, _content.ToArray(), cancel);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
