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
        var etag = (await twin.PutIfAbsentAsync("key", Bytes("1"), Cancel)).ETag;
        await twin.PutIfMatchAsync("key", Bytes("2"), etag, Cancel);
        (inFirst ? _first : _second).Damage("key", _ => Bytes("1"));
        Assert.Equal("2", await TextAsync(twin));
        Assert.Equal(["2", "2"], [await TextAsync(_first), await TextAsync(_second)]);

        (inFirst ? _first : _second).Damage("key", _ => Bytes("1"));
        var report = await twin.LevelAsync(Cancel);
        Assert.Equal(inFirst ? new TwinReport(0, 1) : new TwinReport(1, 0), report);
        Assert.Equal(["2", "2"], [await TextAsync(_first), await TextAsync(_second)]);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static async Task<string> TextAsync(IBlobStore store) =>
        System.Text.Encoding.UTF8.GetString((await store.GetAsync("key", Cancel))!.Content.Span);
}
