using AMA.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

public sealed class TwinGenerationTests
{
    private readonly MemoryBlobStore _first = new();
    private readonly MemoryBlobStore _second = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Yesterday's copy in one store: the other is newer, whichever it is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Threat_37_OlderCopyInOneStore_IsHealedFromTheNewer(bool inFirst)
    {
        var twin = new TwinStore(_first, _second, new SeededIds(3), content => content[0]);
        await twin.LevelAsync(Cancel);
        var etag = (await twin.PutIfMatchAsync("key", Bytes("1"), null, Cancel)).ETag;
        await twin.PutIfMatchAsync("key", Bytes("2"), etag, Cancel);
        (inFirst ? _first : _second).Damage("key", _ => Bytes("1"));
        Assert.Equal("2", await TextAsync(twin));
        Assert.Equal(["2", "2"], [await TextAsync(_first), await TextAsync(_second)]);

        (inFirst ? _first : _second).Damage("key", _ => Bytes("1"));
        var report = await twin.LevelAsync(Cancel);
        Assert.Equal(inFirst ? new TwinReport(0, 1) : new TwinReport(1, 0), report);
        Assert.Equal(["2", "2"], [await TextAsync(_first), await TextAsync(_second)]);
    }

    /// <summary>One flipped bit in one store's head must not cost the other store's good copy.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Threat_37_GenerationThatNoWriteExplains_IsRefused_AndBothCopiesStay(bool inFirst)
    {
        var twin = await LevelledAsync(null);
        (inFirst ? _first : _second).Damage("key", _ => Bytes("7"));
        var refusal = await Assert.ThrowsAsync<BlobStoreException>(async () => await twin.GetAsync("key", Cancel));
        Assert.False(refusal.Transient);
        Assert.Contains(inFirst ? "generation 55 in the first" : "55 in the second", refusal.Message);
        var copies = $"{await TextAsync(_first)} {await TextAsync(_second)}";
        Assert.Equal(inFirst ? "7 1" : "1 7", copies);
    }

    /// <summary>Whatever the heads say: the copy that is known to be genuine heals the other.</summary>
    [Theory]
    [InlineData(true, "7")]
    [InlineData(false, "7")]
    [InlineData(true, "2")]
    [InlineData(false, "2")]
    public async Task Threat_37_ForgedCopyInOneStore_IsHealedFromTheGenuine(bool inFirst, string forged)
    {
        var twin = await LevelledAsync((_, content, _) => new(content.Span.SequenceEqual("1"u8)));
        (inFirst ? _first : _second).Damage("key", _ => Bytes(forged));
        Assert.Equal("1", await TextAsync(twin));
        Assert.Equal(["1", "1"], [await TextAsync(_first), await TextAsync(_second)]);
    }

    private async Task<TwinStore> LevelledAsync(IsAuthentic? isAuthentic)
    {
        var twin = new TwinStore(_first, _second, new SeededIds(3), content => content[0], isAuthentic);
        await twin.LevelAsync(Cancel);
        await twin.PutIfAbsentAsync("key", Bytes("1"), Cancel);
        return twin;
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static async Task<string> TextAsync(IBlobStore store) =>
        System.Text.Encoding.UTF8.GetString((await store.GetAsync("key", Cancel))!.Content.Span);
}
