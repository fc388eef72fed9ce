using AMA.Archive.Blobs;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>Passes everything on to a store, puts and commits only once <see cref="Gate"/> is open.</summary>
internal sealed class StoreInFront(IBlobStore store) : IBlobStore
{
    /// <summary>What a put waits for, taken when it begins.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Puts that have begun.</summary>
    public int Begun;

    /// <summary>Any write of a streamed blob fails from now on.</summary>
    public bool WritesFail { get; set; }

    public async ValueTask<PutResult> PutIfAbsentAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        Interlocked.Increment(ref Begun);
        await Gate;
        return await store.PutIfAbsentAsync(name, content, cancel);
    }

    public async ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) =>
        new Writer(this, await store.CreateAsync(name, cancel));

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        store.PutIfMatchAsync(name, content, etag, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => store.GetAsync(name, cancel);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        store.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => store.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        store.ListAsync(prefix, after, cancel);

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => store.DeleteAsync(name, cancel);

    private sealed class Writer(StoreInFront front, IBlobWriter writer) : IBlobWriter
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel) => front.WritesFail
            ? throw new BlobStoreException("the disk is full", transient: true)
            : writer.WriteAsync(content, cancel);

        public async ValueTask<PutResult> CommitAsync(CancellationToken cancel)
        {
            await front.Gate;
            return await writer.CommitAsync(cancel);
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();
    }
}
