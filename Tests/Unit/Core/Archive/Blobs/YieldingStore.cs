using AMA.Archive.Blobs;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

/// <summary>A store in memory whose calls give way to other callers by chance, before and after they take effect.</summary>
public sealed class YieldingStore(int seed) : IBlobStore
{
    private readonly Random _chance = new(seed);

    public MemoryBlobStore Inner { get; } = new();

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        Run(() => Inner.PutIfAbsentAsync(name, content, cancel));

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
        Run(() => Inner.PutIfMatchAsync(name, content, etag, cancel));

    public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) => Inner.CreateAsync(name, cancel);

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => Run(() => Inner.GetAsync(name, cancel));

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
        Run(() => Inner.ReadAsync(name, offset, buffer, cancel));

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) =>
        Run(() => Inner.StatAsync(name, cancel));

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
        Inner.ListAsync(prefix, after, cancel);

    public async ValueTask DeleteAsync(string name, CancellationToken cancel) => await Run(async () =>
    {
        await Inner.DeleteAsync(name, cancel);
        return true;
    });

    private async ValueTask<T> Run<T>(Func<ValueTask<T>> call)
    {
        await GiveWayAsync();
        var result = await call();
        await GiveWayAsync();
        return result;
    }

    private async Task GiveWayAsync()
    {
        int times;
        lock (_chance) times = _chance.Next(6);
        for (var i = 0; i < times; i++) await Task.Yield();
    }
}
