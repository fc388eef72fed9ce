using AMA.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Blobs;

namespace AMA.Tests.Unit.Grains.Control.Audit;

internal enum StoreMood
{
    Well,
    /// <summary>Puts fail at once, as with ENOSPC.</summary>
    Full,
    /// <summary>Puts never come back.</summary>
    Hanging,
    /// <summary>Puts take three seconds: longer than a grant may wait.</summary>
    Slow,
}

/// <summary>A store in memory whose puts suffer.</summary>
internal sealed class MoodyStore(TimeProvider time) : IBlobStore
{
    public MemoryBlobStore Inner { get; set; } = new();

    public StoreMood Mood { get; set; }

    public int Gets { get; private set; }

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        Mood switch
        {
            StoreMood.Full => throw new BlobStoreException($"no space for {name}", transient: true),
            StoreMood.Hanging => new(new TaskCompletionSource<PutResult>().Task),
            StoreMood.Slow => SlowlyAsync(name, content),
            _ => Inner.PutIfAbsentAsync(name, content, cancel),
        };

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        Inner.PutIfMatchAsync(name, content, etag, cancel);

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => Inner.CreateAsync(name, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        Gets++;
        return Inner.GetAsync(name, cancel);
    }

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        Inner.ReadAsync(name, offset, buffer, cancel);

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => Inner.StatAsync(name, cancel);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        Inner.ListAsync(prefix, after, cancel);

    public ValueTask DeleteAsync(string name, CancellationToken cancel) => Inner.DeleteAsync(name, cancel);

    public bool Has(string name) => Inner.StatAsync(name, default).AsTask().GetAwaiter().GetResult() is not null;

    public async Task<MoodyStore> CopyAsync()
    {
        var copy = new MoodyStore(time);
        await foreach (var blob in Inner.ListAsync("", null, default))
            await copy.Inner.PutIfAbsentAsync(blob.Name, (await Inner.GetAsync(blob.Name, default))!.Content, default);
        return copy;
    }

    private async ValueTask<PutResult> SlowlyAsync(string name, ReadOnlyMemory<byte> content)
    {
        await Task.Delay(TimeSpan.FromSeconds(3), time);
        return await Inner.PutIfAbsentAsync(name, content, CancellationToken.None);
    }
}
