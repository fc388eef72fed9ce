using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using AMA.Tests.Unit.Core.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Keys.Erasure;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Keys;

/// <summary>The region's root key under two key roots, either of which may be lost, silent or changed.</summary>
public sealed class RootWrapsTests
{
    private readonly SeededRandom _random = new(1);
    private readonly MemoryBlobStore _store = new();
    private readonly RootInMemory _a;
    private readonly RootInMemory _b;

    public RootWrapsTests()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        _a = new(_random, clock);
        _b = new(_random, clock);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private StoreKeyRoot[] Both => [new("a", _a), new("b", _b)];

    [Fact]
    public async Task Made_OpensTheSameKeyAgain_AndWithEitherRootAlone()
    {
        var key = await OpenAsync();
        Assert.Equal(key, await OpenAsync());
        _a.LoseEverything();
        Assert.Equal(key, await OpenAsync()); // and a's wrap is made anew
        _b.LoseEverything();
        Assert.Equal(key, await OpenAsync());
    }

    [Fact]
    public async Task BothLost_NewKeysAreNotMade()
    {
        await OpenAsync();
        _a.LoseEverything();
        _b.LoseEverything();
        await FaultAsync(KeyRootFault.Misconfigured);
    }

    [Fact]
    public async Task OneSilent_TheOtherOpens_AndTheSilentOnesWrapStays()
    {
        var key = await OpenAsync();
        var before = await WrapAsync("a");
        _a.IsAway = true;
        Assert.Equal(key, await OpenAsync());
        Assert.Equal(before, await WrapAsync("a"));
    }

    [Fact]
    public async Task BothSilent_IsUnavailable_NotAFirstStart()
    {
        await OpenAsync();
        _a.IsAway = _b.IsAway = true;
        await FaultAsync(KeyRootFault.Unavailable);
    }

    [Fact]
    public async Task FirstStart_NeedsBoth()
    {
        _b.IsAway = true;
        await FaultAsync(KeyRootFault.Unavailable);
        _b.IsAway = false;
        var key = await OpenAsync(); // goes on with what the first try left
        _a.LoseEverything();
        Assert.Equal(key, await OpenAsync());
    }

    [Fact]
    public async Task Rotated_TheWrapNamesTheNewestVersion()
    {
        var key = await OpenAsync();
        var newest = await _a.RotateAsync(RootWraps.KeyNameOf(Region.Eu), Cancel);
        Assert.Equal(key, await OpenAsync());
        Assert.Equal(newest.Id, KeyBlob.Peek(await WrapAsync("a")).WrappingKeyId);
        Assert.True(await Wraps().OpensAloneAsync(Both[0], Cancel));
    }

    [Fact]
    public async Task DamagedWrap_IsMadeAnewFromTheOther()
    {
        var key = await OpenAsync();
        var blob = (await _store.GetAsync("roots/b-eu.amk1", Cancel))!;
        await _store.PutIfMatchAsync("roots/b-eu.amk1", new byte[blob.Content.Length], blob.ETag, Cancel);
        Assert.Equal(key, await OpenAsync());
        Assert.True(await Wraps().OpensAloneAsync(Both[1], Cancel));
    }

    [Fact]
    public async Task RootsOfTwoControls_AreRefused()
    {
        await OpenAsync();
        using var other = Secret.Random(_random);
        var key = await _b.EnsureAsync(RootWraps.KeyNameOf(Region.Eu), Cancel);
        var wrap = await _b.WrapAsync(
            key, KeyType.RegionRoot, KeyContext.Of(KeyType.RegionRoot, Region.Eu), other, Cancel);
        var blob = (await _store.GetAsync("roots/b-eu.amk1", Cancel))!;
        await _store.PutIfMatchAsync("roots/b-eu.amk1", wrap, blob.ETag, Cancel);
        await FaultAsync(KeyRootFault.Misconfigured);
    }

    private RootWraps Wraps() => new(_store, Region.Eu, _random);

    private async Task<string> OpenAsync()
    {
        using var key = await Wraps().OpenAsync(Both, Cancel);
        return Convert.ToHexString(key.Span);
    }

    private async Task FaultAsync(KeyRootFault fault) =>
        Assert.Equal(fault, (await Assert.ThrowsAsync<KeyRootException>(() => OpenAsync())).Fault);

    private async Task<byte[]> WrapAsync(string root) =>
        (await _store.GetAsync($"roots/{root}-eu.amk1", Cancel))!.Content.ToArray();
}
