using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Gateway.Smtp.Spooling;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class GuardedStoreTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FiniteStore _disk = new();
    private readonly MemoryBlobStore _memory = new();
    private int _names;

    [Theory, InlineData(4.9, 50), InlineData(50, 4.9)]
    public async Task Threat_13_LessThanFivePercentOfSpaceOrInodes_TakesNothingNew_UntilThereIsRoom(
        double bytes, double inodes)
    {
        var guarded = new GuardedStore(_disk, 5, _time);
        await PutAsync(guarded);
        _disk.Space = new(bytes, inodes);
        _time.Advance(GuardedStore.AskEvery);
        await Assert.ThrowsAsync<StoreFullException>(() => PutAsync(guarded));
        await Assert.ThrowsAsync<StoreFullException>(async () => await guarded.CreateAsync("b", default));
        Assert.Equal(["n1"], _disk.Names);
        _disk.Space = new(5, 5);
        _time.Advance(GuardedStore.AskEvery);
        await PutAsync(guarded);
    }

    [Fact]
    public async Task TheStoreIsAsked_NotMoreOftenThanEveryOtherSecond()
    {
        var guarded = new GuardedStore(_disk, 5, _time);
        for (var puts = 0; puts < 50; puts++) await PutAsync(guarded);
        Assert.Equal(1, _disk.Asked);
        _time.Advance(GuardedStore.AskEvery);
        await PutAsync(guarded);
        Assert.Equal(2, _disk.Asked);
    }

    /// <summary>Full means that reading and deleting, which make room, go on.</summary>
    [Fact]
    public async Task FullStore_IsReadAndClearedAllTheSame()
    {
        var guarded = new GuardedStore(_disk, 5, _time);
        await PutAsync(guarded);
        _disk.Space = default;
        _time.Advance(GuardedStore.AskEvery);
        Assert.NotNull(await guarded.GetAsync("n1", default));
        await guarded.DeleteAsync("n1", default);
        Assert.Empty(_disk.Names);
    }

    [Fact]
    public Task StoreThatCannotSay_AlwaysServes() => PutAsync(new GuardedStore(_memory, 50, _time));

    [Fact]
    public async Task Files_SayHowFullTheirDiskIs()
    {
        var folder = Directory.CreateTempSubdirectory("ama-space-");
        try
        {
            using var store = new FileBlobStore(folder.FullName, new DurableFiles());
            var space = await store.SpaceAsync(default);
            Assert.InRange(space.BytesPercent, 0.01, 100);
            Assert.InRange(space.InodesPercent, 0.01, 100);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task PutAsync(IBlobStore store) =>
        Assert.True((await store.PutIfAbsentAsync($"n{++_names}", new byte[] { 1 }, default)).Done);

    private sealed class FiniteStore : IBlobStore, IFiniteStore
    {
        private readonly MemoryBlobStore _blobs = new();

        public StoreSpace Space { get; set; } = new(50, 50);

        public int Asked { get; private set; }

        public IReadOnlyList<string> Names => _blobs.Names;

        public ValueTask<StoreSpace> SpaceAsync(CancellationToken cancel)
        {
            Asked++;
            return new(Space);
        }

        public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
            _blobs.PutIfAbsentAsync(name, content, cancel);

        public ValueTask<PutResult> PutIfMatchAsync(
            string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel) =>
            _blobs.PutIfMatchAsync(name, content, etag, cancel);

        public ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel) =>
            _blobs.CreateAsync(name, cancel);

        public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel) => _blobs.GetAsync(name, cancel);

        public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel) =>
            _blobs.ReadAsync(name, offset, buffer, cancel);

        public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel) => _blobs.StatAsync(name, cancel);

        public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel) =>
            _blobs.ListAsync(prefix, after, cancel);

        public ValueTask DeleteAsync(string name, CancellationToken cancel) => _blobs.DeleteAsync(name, cancel);
    }
}
