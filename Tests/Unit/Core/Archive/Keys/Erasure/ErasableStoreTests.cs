using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Erasure;
using AMA.Tests.Unit.Core.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Erasure;

public sealed class ErasableStoreContractTests : BlobStoreContract
{
    private readonly ErasureWorld _world = new(61);

    protected override ValueTask<IBlobStore> OpenAsync() => new(_world.A);
}

public sealed class ErasableStoreTests : IDisposable
{
    private const string Name = "erasable/one";
    private readonly ErasureWorld _world = new(62);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Content_IsThereForTheNextProcess_AndNotOnTheDisk()
    {
        var put = await _world.Both.PutIfAbsentAsync(Name, Bytes("a canary"), Cancel);
        Assert.True(put.Done);
        Assert.False((await _world.Both.PutIfAbsentAsync(Name, Bytes("other"), Cancel)).Done);
        _world.Open();
        var blob = await _world.Both.GetAsync(Name, Cancel);
        Assert.Equal("a canary", Text(blob));
        Assert.Equal(put.ETag, blob!.ETag);
        foreach (var files in new[] { _world.FilesA, _world.FilesB, _world.Offsite })
            foreach (var name in files.Names)
                Assert.DoesNotContain("canary", Encoding.Latin1.GetString(await RawAsync(files, name)));
    }

    [Fact]
    public async Task Threat_38_KeysBeyondTheLimit_AreZeroed_ButNotWhileSomebodyMayUseThem()
    {
        using var keys = new ErasureKeys(() => _world.RootA, Region.Eu, new SeededRandom(63), _world.Clock);
        var made = new List<ErasureKey>();
        while (made.Count <= 512)
        {
            keys.Renew();
            made.Add(await keys.CurrentAsync(Cancel));
        }
        Assert.Throws<ObjectDisposedException>(() => made[0].Key.Span.Length);
        Assert.All(made.TakeLast(256), key => Assert.Equal(32, key.Key.Span.Length));
    }

    [Fact]
    public async Task EachStore_HasItsOwnKey()
    {
        await _world.Both.PutIfAbsentAsync(Name, Bytes("x"), Cancel);
        Assert.NotEqual(await RawAsync(_world.FilesA, Name), await RawAsync(_world.FilesB, Name));
        Assert.Equal([$"edk-eu-{Week}"], _world.RootA.Names);
        Assert.Equal([$"edk-eu-{Week}"], _world.RootB.Names);
    }

    [Fact]
    public async Task Write_ExpectsWhatWasRead_AlsoAfterARewrap()
    {
        var etag = (await _world.Both.PutIfMatchAsync(Name, Bytes("one"), null, Cancel)).ETag;
        _world.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(2, await _world.Round.RewrapAsync(Name, Cancel));
        Assert.Equal(0, await _world.Round.RewrapAsync(Name, Cancel));
        var put = await _world.Both.PutIfMatchAsync(Name, Bytes("two"), etag, Cancel);
        Assert.True(put.Done);
        Assert.False((await _world.Both.PutIfMatchAsync(Name, Bytes("three"), etag, Cancel)).Done);
        Assert.Equal("two", Text(await _world.Both.GetAsync(Name, Cancel)));
    }

    [Fact]
    public async Task OtherMembersOfTheContract_SeeContentsOnly()
    {
        await using (var writer = await _world.A.CreateAsync(Name, Cancel))
        {
            await writer.WriteAsync(Bytes("hello "), Cancel);
            await writer.WriteAsync(Bytes("world"), Cancel);
            Assert.True((await writer.CommitAsync(Cancel)).Done);
        }
        Assert.Equal(11, (await _world.A.StatAsync(Name, Cancel))!.Value.Length);
        var part = new byte[20];
        Assert.Equal(5, await _world.A.ReadAsync(Name, 6, part, Cancel));
        Assert.Equal("world", Encoding.UTF8.GetString(part, 0, 5));
        var listed = await _world.A.ListAsync("", null, Cancel).ToListAsync(Cancel);
        Assert.Equal([(Name, 11L)], listed.Select(blob => (blob.Name, blob.Length)));
        await _world.A.DeleteAsync(Name, Cancel);
        Assert.Null(await _world.A.GetAsync(Name, Cancel));
    }

    [Fact]
    public async Task Threat_36_BlobInAnothersPlace_IsRefused()
    {
        await _world.A.PutIfAbsentAsync(Name, Bytes("x"), Cancel);
        await _world.FilesA.PutIfAbsentAsync("erasable/two", await RawAsync(_world.FilesA, Name), Cancel);
        var refused = await Assert.ThrowsAsync<BlobStoreException>(
            async () => await _world.A.GetAsync("erasable/two", Cancel));
        Assert.False(refused.Transient);
    }

    [Fact]
    public async Task EveryFlippedByte_IsRefused_OrAnswersNothing()
    {
        await _world.A.PutIfAbsentAsync(Name, Bytes("x"), Cancel);
        var length = (await RawAsync(_world.FilesA, Name)).Length;
        for (var at = 0; at < length; at++)
        {
            _world.FilesA.Damage(Name, Flip);
            try
            {
                Assert.Null(await _world.A.GetAsync(Name, Cancel));
            }
            catch (BlobStoreException refused)
            {
                Assert.False(refused.Transient);
            }
            _world.FilesA.Damage(Name, Flip);

            byte[] Flip(byte[] blob)
            {
                blob[at] ^= 0x40;
                return blob;
            }
        }
        Assert.Equal("x", Text(await _world.A.GetAsync(Name, Cancel)));
    }

    /// <summary>The root that wraps a store's erasure keys is gone: the other store fills it again.</summary>
    [Fact]
    public async Task LostRoot_IsALostStore_AndTheOtherHealsIt()
    {
        await _world.Both.LevelAsync(Cancel);
        await _world.Both.PutIfAbsentAsync(Name, Bytes("x"), Cancel);
        _world.RootA.LoseEverything();
        _world.Open();
        Assert.Null(await _world.A.GetAsync(Name, Cancel));

        var report = await _world.Both.LevelAsync(Cancel);
        Assert.Equal(1, report.Restored);
        Assert.Equal("x", Text(await _world.A.GetAsync(Name, Cancel)));
    }

    [Fact]
    public async Task LostStore_IsSeededUnderItsOwnKey()
    {
        await _world.Both.LevelAsync(Cancel);
        await _world.Both.PutIfAbsentAsync(Name, Bytes("x"), Cancel);
        _world.FilesA = new();
        _world.Open();
        await _world.Both.LevelAsync(Cancel);
        Assert.Equal("x", Text(await _world.A.GetAsync(Name, Cancel)));
        Assert.NotEqual(await RawAsync(_world.FilesA, Name), await RawAsync(_world.FilesB, Name));
    }

    [Fact]
    public async Task SilentRoot_KeepsAReadStateWritable_AlsoInANewWeek()
    {
        var etag = (await _world.Both.PutIfAbsentAsync(Name, Bytes("one"), Cancel)).ETag;
        _world.RootA.IsAway = true;
        _world.Clock.Advance(TimeSpan.FromDays(7));
        etag = (await _world.Both.PutIfMatchAsync(Name, Bytes("two"), etag, Cancel)).ETag;

        _world.Open(); // nothing is in memory: the fault is one that may pass, and nothing is taken for lost
        var fault = await Assert.ThrowsAsync<BlobStoreException>(async () => await _world.A.GetAsync(Name, Cancel));
        Assert.True(fault.Transient);
        _world.RootA.IsAway = false;
        Assert.True((await _world.Both.PutIfMatchAsync(Name, Bytes("three"), etag, Cancel)).Done);
    }

    /// <summary>One that doesn't even refuse costs each minute's first writer two seconds, and nobody else anything.</summary>
    [Fact]
    public async Task HangingRoot_HoldsNobodyUp_AndThisWeeksKeyIsMadeWhenItAnswersAgain()
    {
        var etag = (await _world.Both.PutIfAbsentAsync(Name, Bytes("one"), Cancel)).ETag;
        var week = Week;
        _world.RootA.Hangs = true;
        _world.Clock.Advance(TimeSpan.FromDays(7));
        var first = _world.Both.PutIfMatchAsync(Name, Bytes("two"), etag, Cancel).AsTask();
        Assert.False(first.IsCompleted);
        _world.Clock.Advance(ErasureKeys.RootWaitMax);
        etag = (await first).ETag;
        etag = (await _world.Both.PutIfMatchAsync(Name, Bytes("three"), etag, Cancel)).ETag; // without any wait
        Assert.Equal(week, ErasableStore.WeekOf(await RawAsync(_world.FilesA, Name)));
        Assert.Equal(Week, ErasableStore.WeekOf(await RawAsync(_world.FilesB, Name)));
    }

    [Fact]
    public async Task SilentRoot_IsTriedAgainAfterAMinute()
    {
        var etag = (await _world.Both.PutIfAbsentAsync(Name, Bytes("one"), Cancel)).ETag;
        _world.RootA.IsAway = true;
        _world.Clock.Advance(TimeSpan.FromDays(7));
        etag = (await _world.Both.PutIfMatchAsync(Name, Bytes("two"), etag, Cancel)).ETag;
        _world.RootA.IsAway = false;
        _world.Clock.Advance(ErasureKeys.MakingEvery);
        await _world.Both.PutIfMatchAsync(Name, Bytes("three"), etag, Cancel);
        Assert.Equal(Week, ErasableStore.WeekOf(await RawAsync(_world.FilesA, Name)));
    }

    /// <summary>A clock that ran ahead and was set back: the week it destroyed gets another key.</summary>
    [Fact]
    public async Task WeekWhoseKeyWasDestroyed_GetsANewOne()
    {
        await _world.Both.PutIfAbsentAsync(Name, Bytes("one"), Cancel);
        await _world.A.Keys.DestroyAsync(Week, Cancel);
        Assert.Null(await _world.A.GetAsync(Name, Cancel));
        Assert.Equal("one", Text(await _world.Both.GetAsync(Name, Cancel)));
        Assert.Equal("one", Text(await _world.A.GetAsync(Name, Cancel)));
    }

    private ulong Week => QueueWeek.Of(_world.Clock.GetUtcNow());

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(Blob? blob) => blob is null ? null : Encoding.UTF8.GetString(blob.Content.Span);

    private static async Task<byte[]> RawAsync(MemoryBlobStore files, string name) =>
        (await files.GetAsync(name, Cancel))!.Content.ToArray();
}
