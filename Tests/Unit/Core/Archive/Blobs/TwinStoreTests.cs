using AMA.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

public sealed class TwinStoreContractTests : BlobStoreContract
{
    private readonly MemoryBlobStore _first = new();
    private readonly MemoryBlobStore _second = new();
    private readonly SeededIds _random = new(1);

    protected override int LongestName => BlobLimits.NameCharsMax - "twin/gone/".Length;

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        var store = new TwinStore(_first, _second, _random);
        await store.LevelAsync(Cancel);
        return store;
    }
}

public sealed class TwinStoreTests
{
    private readonly MemoryBlobStore _first = new();
    private readonly MemoryBlobStore _second = new();
    private readonly SeededIds _random = new(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private TwinStore Twin() => new(_first, _second, _random);

    private async Task<TwinStore> LevelAsync()
    {
        var twin = Twin();
        await twin.LevelAsync(Cancel);
        return twin;
    }

    private static async Task<string?> TextAsync(IBlobStore store, string name) =>
        await store.GetAsync(name, Cancel) is { } blob ? System.Text.Encoding.UTF8.GetString(blob.Content.Span) : null;

    private async Task AssertLevelAsync()
    {
        Assert.Equal(_first.Names, _second.Names);
        foreach (var name in _first.Names) Assert.Equal(await TextAsync(_first, name), await TextAsync(_second, name));
    }

    [Fact]
    public async Task AnswerWaitsForBoth()
    {
        var twin = await LevelAsync();
        var etag = (await twin.PutIfMatchAsync("key", Bytes("one"), null, Cancel)).ETag;
        await twin.PutIfMatchAsync("key", Bytes("two"), etag, Cancel);
        await twin.PutIfAbsentAsync("other", Bytes("x"), Cancel);
        await twin.DeleteAsync("other", Cancel);
        await AssertLevelAsync();
        Assert.Equal("two", await TextAsync(_second, "key"));
    }

    [Theory]
    [InlineData(BlobFault.Before)]
    [InlineData(BlobFault.After)]
    public async Task FaultOfTheSecond_IsTheAnswer_AndTheNextReadMendsIt(BlobFault fault)
    {
        var twin = await LevelAsync();
        var etag = (await twin.PutIfMatchAsync("key", Bytes("one"), null, Cancel)).ETag;
        _second.Faults = (operation, _) => operation == BlobOperation.Put ? fault : BlobFault.None;
        await Assert.ThrowsAsync<BlobStoreException>(
            async () => await twin.PutIfMatchAsync("key", Bytes("two"), etag, Cancel));
        _second.Faults = (_, _) => BlobFault.None;
        Assert.Equal("two", await TextAsync(twin, "key"));
        await AssertLevelAsync();
    }

    [Fact]
    public async Task WhatOnlyTheFirstHas_IsNotShownWhileTheSecondCannotTakeIt()
    {
        var twin = await LevelAsync();
        _second.Faults = (operation, _) => operation == BlobOperation.Put ? BlobFault.Before : BlobFault.None;
        await Assert.ThrowsAsync<BlobStoreException>(
            async () => await twin.PutIfAbsentAsync("key", Bytes("one"), Cancel));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await twin.GetAsync("key", Cancel));
    }

    [Fact]
    public async Task SecondAway_FirstStillAnswersReads()
    {
        var twin = await LevelAsync();
        await twin.PutIfAbsentAsync("key", Bytes("one"), Cancel);
        _second.Faults = (_, _) => BlobFault.Before;
        Assert.Equal("one", await TextAsync(twin, "key"));
    }

    [Fact]
    public async Task RefusedPut_LeavesTheNameLevel()
    {
        var twin = await LevelAsync();
        await _first.PutIfAbsentAsync("key", Bytes("theirs"), Cancel);
        Assert.False((await twin.PutIfAbsentAsync("key", Bytes("ours"), Cancel)).Done);
        Assert.Equal("theirs", await TextAsync(_second, "key"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LostStore_IsFilledFromTheOther(bool loseFirst)
    {
        var twin = await LevelAsync();
        for (var i = 0; i < 20; i++) await twin.PutIfAbsentAsync($"keys/{i}", Bytes($"{i}"), Cancel);
        var lost = loseFirst ? _first : _second;
        foreach (var name in lost.Names) lost.Lose(name);
        var report = await Twin().LevelAsync(Cancel);
        Assert.Equal(new TwinReport(20, 0), report);
        await AssertLevelAsync();
        Assert.Equal(21, _first.Names.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReplacementWithBlobsOfItsOwn_IsRefused_AndNothingIsChanged(bool loseFirst)
    {
        var twin = await LevelAsync();
        await twin.PutIfAbsentAsync("keys/a", Bytes("a"), Cancel);
        var (lost, left) = loseFirst ? (_first, _second) : (_second, _first);
        foreach (var name in lost.Names) lost.Lose(name);
        await lost.PutIfAbsentAsync("keys/stranger", Bytes("x"), Cancel);
        var fault = await Assert.ThrowsAsync<BlobStoreException>(async () => await Twin().LevelAsync(Cancel));
        Assert.False(fault.Transient);
        Assert.Equal(["keys/stranger"], lost.Names);
        Assert.Equal(["keys/a", "twin/pair"], left.Names);
    }

    /// <summary>
    /// Each process starts, and at once reads and writes; the others are still starting. Calls interleave by chance.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ManyProcessesStartingAtOnce_LoseNothing(bool afterLosingTheFirst)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var (first, second) = (new YieldingStore(seed), new YieldingStore(seed + 1));
            if (afterLosingTheFirst) await PrepareLossAsync(first, second);
            var written = await Task.WhenAll(Enumerable.Range(0, 3).Select(number => StartAsync(first, second, number)));
            foreach (var (name, text) in written.SelectMany(names => names))
            {
                Assert.True(text == await TextAsync(first, name), $"seed {seed}: {name} in the first");
                Assert.True(text == await TextAsync(second, name), $"seed {seed}: {name} in the second");
            }
        }
    }

    private async Task PrepareLossAsync(YieldingStore first, YieldingStore second)
    {
        var twin = new TwinStore(first, second, _random);
        await twin.LevelAsync(Cancel);
        for (var i = 0; i < 5; i++) await twin.PutIfAbsentAsync($"old/{i}", Bytes($"{i}"), Cancel);
        foreach (var name in first.Inner.Names) first.Inner.Lose(name);
    }

    private async Task<List<(string Name, string Text)>> StartAsync(
        YieldingStore first, YieldingStore second, int number)
    {
        var twin = new TwinStore(first, second, _random);
        await twin.LevelAsync(Cancel);
        var written = new List<(string, string)>();
        var old = $"old/{number}";
        var etag = (await twin.GetAsync(old, Cancel))?.ETag;
        if ((await twin.PutIfMatchAsync(old, Bytes($"of {number}"), etag, Cancel)).Done)
            written.Add((old, $"of {number}"));
        if ((await twin.PutIfAbsentAsync($"new/{number}", Bytes("n"), Cancel)).Done)
            written.Add(($"new/{number}", "n"));
        Assert.Equal(2, written.Count);
        return written;
    }

    [Fact]
    public async Task BlobThatTheFirstLost_ComesBack_AtStartAndAtARead()
    {
        var twin = await LevelAsync();
        await twin.PutIfAbsentAsync("keys/a", Bytes("a"), Cancel);
        await twin.PutIfAbsentAsync("keys/b", Bytes("b"), Cancel);
        _first.Lose("keys/a");
        Assert.Equal("a", await TextAsync(twin, "keys/a"));
        _first.Lose("keys/b");
        var report = await Twin().LevelAsync(Cancel);
        Assert.Equal(new TwinReport(0, 1), report);
        await AssertLevelAsync();
    }

    [Fact]
    public async Task DeletionInterruptedAnywhere_IsNoLoss_AndNoResurrection()
    {
        for (var step = 0; step < 8; step++)
        {
            var (first, second) = (new MemoryBlobStore(), new MemoryBlobStore());
            var twin = new TwinStore(first, second, _random);
            await twin.LevelAsync(Cancel);
            await twin.PutIfAbsentAsync("key", Bytes("old"), Cancel);
            var done = await DeleteInterruptedAsync(twin, first, second, step);
            await new TwinStore(first, second, _random).LevelAsync(Cancel);
            Assert.Equal(first.Names, second.Names);
            Assert.DoesNotContain(first.Names, name => name.StartsWith("twin/gone", StringComparison.Ordinal));
            if (done) Assert.DoesNotContain("key", first.Names);
        }
    }

    /// <summary>Fails at the given step: even ones before it takes effect, odd ones after.</summary>
    private static async Task<bool> DeleteInterruptedAsync(
        TwinStore twin, MemoryBlobStore first, MemoryBlobStore second, int step)
    {
        var call = 0;
        BlobFault Fault() => call++ == step / 2 ? (step % 2 == 0 ? BlobFault.Before : BlobFault.After) : BlobFault.None;
        first.Faults = second.Faults = (_, _) => Fault();
        try
        {
            await twin.DeleteAsync("key", Cancel);
            return true;
        }
        catch (BlobStoreException)
        {
            return false;
        }
        finally
        {
            first.Faults = second.Faults = (_, _) => BlobFault.None;
        }
    }

    [Fact]
    public async Task StoresOfDifferentPairs_AreNeverMerged()
    {
        await LevelAsync();
        var foreign = new MemoryBlobStore();
        await new TwinStore(foreign, new MemoryBlobStore(), _random).LevelAsync(Cancel);
        var fault = await Assert.ThrowsAsync<BlobStoreException>(
            async () => await new TwinStore(_first, foreign, _random).LevelAsync(Cancel));
        Assert.False(fault.Transient);
    }

    [Fact]
    public async Task TwoStoresWithBlobsThatWereNoPair_AreNeverMerged()
    {
        await _first.PutIfAbsentAsync("a", Bytes("1"), Cancel);
        await _second.PutIfAbsentAsync("a", Bytes("2"), Cancel);
        var fault = await Assert.ThrowsAsync<BlobStoreException>(async () => await Twin().LevelAsync(Cancel));
        Assert.False(fault.Transient);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task StartThatDies_IsFinishedByTheNext(int seed)
    {
        var twin = await LevelAsync();
        for (var i = 0; i < 10; i++) await twin.PutIfAbsentAsync($"keys/{i}", Bytes($"{i}"), Cancel);
        foreach (var name in _first.Names) _first.Lose(name);
        var random = new Random(seed);
        _first.Faults = (_, _) => random.Next(6) == 0 ? BlobFault.After : BlobFault.None;
        for (var tries = 0; tries < 3; tries++)
            await Record.ExceptionAsync(async () => await Twin().LevelAsync(Cancel));
        _first.Faults = (_, _) => BlobFault.None;
        await LevelAsync();
        await AssertLevelAsync();
        Assert.Equal(11, _first.Names.Count);
    }

    [Fact]
    public async Task ManyProcesses_EndLevel()
    {
        var twins = Enumerable.Range(0, 4).Select(_ => Twin()).ToList();
        await twins[0].LevelAsync(Cancel);
        await Task.WhenAll(twins.Select((twin, number) => WriteAllAsync(twin, number)));
        await AssertLevelAsync();
    }

    private static async Task WriteAllAsync(TwinStore twin, int number)
    {
        await Task.Yield();
        for (var round = 0; round < 50; round++)
        {
            var name = $"state/{round % 5}";
            var etag = (await twin.GetAsync(name, Cancel))?.ETag;
            await twin.PutIfMatchAsync(name, Bytes($"{number} {round}"), etag, Cancel);
        }
    }
}
