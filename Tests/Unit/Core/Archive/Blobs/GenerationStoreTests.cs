using AMA.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

public sealed class GenerationStoreTests
{
    private readonly MemoryBlobStore _first = new();
    private readonly MemoryBlobStore _second = new();
    private readonly List<string> _written = [];
    private readonly GenerationStore _store;

    public GenerationStoreTests() => _store = Open();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Threat_37_OlderWrapInOneStore_IsHealed_WhicheverItIs()
    {
        foreach (var behind in new[] { _first, _second })
        {
            await PutAsync("roots/a", "old");
            var old = (await behind.GetAsync("roots/a", Cancel))!.Content.ToArray();
            await PutAsync("roots/a", "new");
            behind.Damage("roots/a", _ => old);
            Assert.Equal("new", await TextAsync("roots/a"));
            Assert.Equal(
                (await _first.GetAsync("roots/a", Cancel))!.Content.ToArray(),
                (await _second.GetAsync("roots/a", Cancel))!.Content.ToArray());
        }
    }

    [Fact]
    public async Task Head_IsSeenByNobody_AndTheCountGoesOnAfterADeletion()
    {
        await PutAsync("roots/a", "one");
        await PutAsync("roots/a", "two");
        Assert.Equal(2, await GenerationAsync("roots/a"));
        Assert.Equal(3, (await _store.StatAsync("roots/a", Cancel))!.Value.Length);
        Assert.Equal(3, (await _store.ListAsync("", null, Cancel).ToListAsync(Cancel)).Single().Length);
        var part = new byte[2];
        Assert.Equal(2, await _store.ReadAsync("roots/a", 1, part, Cancel));
        Assert.Equal("wo"u8.ToArray(), part);

        await _store.DeleteAsync("roots/a", Cancel);
        await _store.DeleteAsync("roots/a", Cancel);
        Assert.Null(await _store.GetAsync("roots/a", Cancel));
        Assert.Null(await _store.StatAsync("roots/a", Cancel));
        Assert.Empty(await _store.ListAsync("", null, Cancel).ToListAsync(Cancel));
        Assert.True((await _store.PutIfAbsentAsync("roots/a", Bytes("three"), Cancel)).Done);
        Assert.Equal(4, await GenerationAsync("roots/a"));
        Assert.Equal("three", await TextAsync("roots/a"));
    }

    [Fact]
    public async Task Conditions_HoldAsInAnyStore_AndWritesAreTold()
    {
        Assert.True((await _store.PutIfAbsentAsync("roots/a", Bytes("one"), Cancel)).Done);
        Assert.False((await _store.PutIfAbsentAsync("roots/a", Bytes("two"), Cancel)).Done);
        Assert.False((await _store.PutIfMatchAsync("roots/a", Bytes("two"), "another", Cancel)).Done);
        Assert.False((await _store.PutIfMatchAsync("roots/b", Bytes("two"), "another", Cancel)).Done);
        Assert.Equal("one", await TextAsync("roots/a"));
        Assert.True((await _store.PutIfAbsentAsync("state/x", Bytes("plain"), Cancel)).Done);
        Assert.Equal(Bytes("plain"), (await _first.GetAsync("state/x", Cancel))!.Content.ToArray());
        Assert.Equal(["roots/a", "state/x"], _written);
    }

    [Fact]
    public async Task WrapWithoutAHead_IsRefused()
    {
        await _first.PutIfAbsentAsync("roots/a", Bytes("AMK1 without a head"), Cancel);
        await Assert.ThrowsAsync<BlobStoreException>(async () => await _store.GetAsync("roots/a", Cancel));
    }

    /// <summary>A store that was put back is read before anybody has noticed.</summary>
    [Fact]
    public async Task Threat_37_OlderCopy_DoesNotBecomeTheNewestOffSite()
    {
        var offsite = new MemoryBlobStore();
        foreach (var generation in new long[] { 1, 2, 1 })
            await new OffsiteBackup(offsite).KeepAsync("a", "roots/a", StateVersion.Head(generation), Cancel);
        Assert.Equal(2, offsite.Names.Count());
    }

    private GenerationStore Open() => new(
        new TwinStore(_first, _second, new SeededIds(5), StateVersion.GenerationOf),
        name => name.StartsWith("roots/", StringComparison.Ordinal), _written.Add);

    private async Task PutAsync(string name, string text)
    {
        var there = await _store.GetAsync(name, Cancel);
        Assert.True((await _store.PutIfMatchAsync(name, Bytes(text), there?.ETag, Cancel)).Done);
    }

    private async Task<string> TextAsync(string name) =>
        System.Text.Encoding.UTF8.GetString((await _store.GetAsync(name, Cancel))!.Content.Span);

    private async Task<long> GenerationAsync(string name) =>
        StateVersion.GenerationOf((await _second.GetAsync(name, Cancel))!.Content.Span);

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
