using System.Text;
using AMA.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

/// <summary>
/// The contract of <see cref="IBlobStore"/>, run against every implementation. Numbers are those of
/// docs/formats/blob-store.md. A new store derives and says how to open it.
/// </summary>
public abstract class BlobStoreContract : IAsyncLifetime
{
    private readonly List<IBlobStore> _opened = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens the same stored blobs once more, as another process would.</summary>
    protected abstract ValueTask<IBlobStore> OpenAsync();

    protected async ValueTask<IBlobStore> StoreAsync()
    {
        var store = await OpenAsync();
        _opened.Add(store);
        return store;
    }

    public virtual ValueTask InitializeAsync() => default;

    public virtual ValueTask DisposeAsync()
    {
        foreach (var store in _opened.OfType<IDisposable>()) store.Dispose();
        GC.SuppressFinalize(this);
        return default;
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public async Task R1_PutBlob_IsThereForTheNextProcess()
    {
        var store = await StoreAsync();
        var put = await store.PutIfAbsentAsync("packs/a/b.amp1", Bytes("content"), Cancel);
        Assert.True(put.Done);
        var blob = await (await StoreAsync()).GetAsync("packs/a/b.amp1", Cancel);
        Assert.Equal(Bytes("content"), blob!.Content.ToArray());
        Assert.Contains(put.ETag, new[] { null, blob.ETag });
    }

    [Fact]
    public async Task R1_EmptyBlob_IsABlob()
    {
        var store = await StoreAsync();
        Assert.True((await store.PutIfAbsentAsync("done/x", default, Cancel)).Done);
        Assert.Empty((await store.GetAsync("done/x", Cancel))!.Content.ToArray());
        Assert.False((await store.PutIfAbsentAsync("done/x", default, Cancel)).Done);
    }

    [Fact]
    public async Task R2_StreamedPut_IsInvisibleUntilItsCommit()
    {
        var store = await StoreAsync();
        await using var writer = await store.CreateAsync("packs/large", Cancel);
        await writer.WriteAsync(Bytes("first "), Cancel);
        await writer.WriteAsync(Bytes("second"), Cancel);
        Assert.Null(await store.GetAsync("packs/large", Cancel));
        Assert.Empty(await store.ListAsync("", null, Cancel).ToListAsync(Cancel));
        Assert.True((await writer.CommitAsync(Cancel)).Done);
        Assert.Equal(Bytes("first second"), (await store.GetAsync("packs/large", Cancel))!.Content.ToArray());
    }

    [Fact]
    public async Task R2_WriterDisposedWithoutCommit_LeavesNothing()
    {
        var store = await StoreAsync();
        await using (var writer = await store.CreateAsync("packs/large", Cancel))
            await writer.WriteAsync(Bytes("first"), Cancel);
        Assert.Null(await store.StatAsync("packs/large", Cancel));
        Assert.True((await store.PutIfAbsentAsync("packs/large", Bytes("other"), Cancel)).Done);
    }

    [Fact]
    public async Task R2_StreamedPutOfATakenName_IsRefusedAndKeepsWhatIsThere()
    {
        var store = await StoreAsync();
        await store.PutIfAbsentAsync("packs/x", Bytes("old"), Cancel);
        await using var writer = await store.CreateAsync("packs/x", Cancel);
        await writer.WriteAsync(Bytes("new"), Cancel);
        Assert.False((await writer.CommitAsync(Cancel)).Done);
        Assert.Equal(Bytes("old"), (await store.GetAsync("packs/x", Cancel))!.Content.ToArray());
    }

    [Fact]
    public async Task R3_PutIfAbsent_OneOfManyProcessesWins()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StoreAsync().AsTask()));
        for (var round = 0; round < 20; round++)
        {
            var name = $"log/{round}";
            var results = await Task.WhenAll(stores.Select((store, number) =>
                store.PutIfAbsentAsync(name, Bytes($"writer {number}"), Cancel).AsTask()));
            var winner = Assert.Single(Enumerable.Range(0, 6), number => results[number].Done);
            foreach (var store in stores)
                Assert.Equal(Bytes($"writer {winner}"), (await store.GetAsync(name, Cancel))!.Content.ToArray());
        }
    }

    [Fact]
    public async Task R3_PutIfMatch_NoProcessLosesAnothersUpdate()
    {
        const int perWriter = 12;
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StoreAsync().AsTask()));
        await stores[0].PutIfAbsentAsync("state/count", Bytes("0"), Cancel);
        await Task.WhenAll(stores.Select(store => CountUpAsync(store, perWriter)));
        var blob = await stores[0].GetAsync("state/count", Cancel);
        Assert.Equal($"{stores.Length * perWriter}", Encoding.UTF8.GetString(blob!.Content.Span));
    }

    private static async Task CountUpAsync(IBlobStore store, int times)
    {
        for (var done = 0; done < times;)
        {
            var blob = (await store.GetAsync("state/count", Cancel))!;
            var next = int.Parse(Encoding.UTF8.GetString(blob.Content.Span)) + 1;
            if ((await store.PutIfMatchAsync("state/count", Bytes($"{next}"), blob.ETag, Cancel)).Done) done++;
        }
    }

    [Fact]
    public async Task R3_PutIfMatch_WithAnotherETagOrNoBlob_IsRefused()
    {
        var store = await StoreAsync();
        var etag = (await store.PutIfMatchAsync("state/a", Bytes("one"), null, Cancel)).ETag!;
        Assert.False((await store.PutIfMatchAsync("state/a", Bytes("x"), null, Cancel)).Done);
        Assert.True((await store.PutIfMatchAsync("state/a", Bytes("two"), etag, Cancel)).Done);
        Assert.False((await store.PutIfMatchAsync("state/a", Bytes("x"), etag, Cancel)).Done);
        Assert.False((await store.PutIfMatchAsync("state/none", Bytes("x"), etag, Cancel)).Done);
        Assert.Equal(Bytes("two"), (await store.GetAsync("state/a", Cancel))!.Content.ToArray());
        Assert.Null(await store.StatAsync("state/none", Cancel));
    }

    [Fact]
    public async Task R4_ETag_IsNeverThatOfOtherContentOfTheName()
    {
        var store = await StoreAsync();
        var etags = new HashSet<string>();
        for (var round = 0; round < 10; round++)
        {
            var put = await store.PutIfMatchAsync("state/a", Bytes($"content {round}"), null, Cancel);
            Assert.True(etags.Add(put.ETag!));
            await store.DeleteAsync("state/a", Cancel);
        }
        await store.PutIfAbsentAsync("state/a", Bytes("last"), Cancel);
        foreach (var etag in etags)
            Assert.False((await store.PutIfMatchAsync("state/a", Bytes("x"), etag, Cancel)).Done);
    }

    [Fact]
    public async Task R5_List_GivesNamesInOrdinalOrder()
    {
        var store = await StoreAsync();
        string[] names = ["a/b/c", "a/b.d", "a/b-e", "a/b0", "a/b/a", "ab", "b", "a/b/c.x", "a-z", "0"];
        foreach (var name in names) await store.PutIfAbsentAsync(name, Bytes(name), Cancel);
        var listed = await store.ListAsync("", null, Cancel).ToListAsync(Cancel);
        Assert.Equal(names.Order(StringComparer.Ordinal), listed.Select(blob => blob.Name));
        Assert.All(listed, blob => Assert.Equal(blob.Name.Length, blob.Length));
    }

    [Fact]
    public async Task R5_List_ByPrefixAndPosition_GivesExactlyThose()
    {
        var store = await StoreAsync();
        string[] names = ["log/a/1", "log/a/2", "log/a/3", "log/ab/1", "log/b/1", "logs", "m/1"];
        foreach (var name in names) await store.PutIfAbsentAsync(name, default, Cancel);
        foreach (var prefix in new[] { "", "l", "log", "log/", "log/a", "log/a/", "log/a/2", "x", "log/c/" })
        {
            foreach (var after in names.Prepend(null).Append("log/a").Append("log/a/20").Append("a").Append("z"))
            {
                var wanted = names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                    .Where(name => after is null || string.CompareOrdinal(name, after) > 0)
                    .Order(StringComparer.Ordinal);
                var listed = await store.ListAsync(prefix, after, Cancel).ToListAsync(Cancel);
                Assert.True(wanted.SequenceEqual(listed.Select(blob => blob.Name)), $"prefix {prefix}, after {after}");
            }
        }
    }

    [Fact]
    public async Task R6_DeletedBlob_IsGoneForAll_AndDeletingItAgainIsDone()
    {
        var store = await StoreAsync();
        await store.PutIfAbsentAsync("segments/a", Bytes("x"), Cancel);
        await store.DeleteAsync("segments/a", Cancel);
        await store.DeleteAsync("segments/a", Cancel);
        await store.DeleteAsync("never/there", Cancel);
        Assert.Null(await (await StoreAsync()).GetAsync("segments/a", Cancel));
        Assert.Empty(await store.ListAsync("", null, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task R7_MissingBlob_IsToldApartFromAnEmptyOne()
    {
        var store = await StoreAsync();
        Assert.Null(await store.GetAsync("none", Cancel));
        Assert.Null(await store.StatAsync("none/deeper", Cancel));
        var fault = await Assert.ThrowsAsync<BlobNotFoundException>(
            async () => await store.ReadAsync("none", 0, new byte[1], Cancel));
        Assert.False(fault.Transient);
    }

    [Theory]
    [InlineData(0, 4, "0123")]
    [InlineData(3, 4, "3456")]
    [InlineData(7, 10, "789")]
    [InlineData(10, 4, "")]
    [InlineData(99, 4, "")]
    public async Task R7_RangedRead_EndsWithTheBufferOrTheBlob(long offset, int count, string expected)
    {
        var store = await StoreAsync();
        await store.PutIfAbsentAsync("a", Bytes("0123456789"), Cancel);
        var buffer = new byte[count];
        var read = await store.ReadAsync("a", offset, buffer, Cancel);
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData(".hidden")]
    [InlineData("a/.b")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("\u00e4")]
    public async Task Threat_24_NameThatCouldLeaveTheStore_IsRefusedByEveryCall(string name)
    {
        var store = await StoreAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutIfAbsentAsync(name, default, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await store.PutIfMatchAsync(name, default, "x", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.CreateAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.ReadAsync(name, 0, new byte[1], Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.StatAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.DeleteAsync(name, Cancel));
    }

    [Fact]
    public async Task Threat_24_LongestNameIsTaken_AndOneLongerRefused()
    {
        var store = await StoreAsync();
        var longest = new string('a', LongestName);
        Assert.True((await store.PutIfAbsentAsync(longest, default, Cancel)).Done);
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutIfAbsentAsync(
            longest + "a", default, Cancel));
    }

    protected virtual int LongestName => BlobLimits.NameCharsMax;
}

public sealed class MemoryBlobStoreTests : BlobStoreContract
{
    private readonly MemoryBlobStore _store = new();

    protected override ValueTask<IBlobStore> OpenAsync() => new(_store);
}
