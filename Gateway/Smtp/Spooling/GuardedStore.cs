using AMA.Archive.Blobs;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// A spool store that takes nothing new while it is nearly full: it throws <see cref="StoreFullException"/> then. The
/// store is asked again after <see cref="AskEvery"/>, so it serves again by itself once there is room.
/// </summary>
/// <param name="freePercentMin">Of space and of inodes; a store that can't say how full it is always serves.</param>
internal sealed class GuardedStore(IBlobStore inner, int freePercentMin, TimeProvider time) : IBlobStore
{
    /// <summary>
    /// In such a time even a fast disk takes less than the reserve, and the question costs nothing beside the syncs.
    /// </summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    private Answer? _last;

    public async ValueTask<PutResult> PutIfAbsentAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        await EnsureRoomAsync(cancel);
        return await inner.PutIfAbsentAsync(name, content, cancel);
    }

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        await EnsureRoomAsync(cancel);
        return await inner.PutIfMatchAsync(name, content, etag, cancel);
    }

    public async ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel)
    {
        await EnsureRoomAsync(cancel);
        return await inner.CreateAsync(name, cancel);
    }

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => inner.GetAsync(name, cancel);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        inner.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => inner.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        inner.ListAsync(prefix, after, cancel);

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => inner.DeleteAsync(name, cancel);

    private async ValueTask EnsureRoomAsync(CancellationToken cancel)
    {
        if (inner is not IFiniteStore finite) return;
        var last = _last;
        if (last is null || time.GetElapsedTime(last.At) >= AskEvery)
            _last = last = new Answer(await finite.SpaceAsync(cancel), time.GetTimestamp());
        if (last.Space.Percent < freePercentMin)
            throw new StoreFullException($"{last.Space.Percent:0.0} % left, {freePercentMin} % are kept free");
    }

    private sealed record Answer(StoreSpace Space, long At);
}
