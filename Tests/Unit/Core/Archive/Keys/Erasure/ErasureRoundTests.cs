using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Keys.Erasure;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Erasure;

public sealed class ErasureRoundTests : IDisposable
{
    private const string Name = "erasable/one";
    private readonly ErasureWorld _world = new(71);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task OldKey_IsDestroyedAfter35Days_AndWithItEveryOldCopy()
    {
        await PutAsync("what is to be erased");
        var week = QueueWeek.Of(_world.Clock.GetUtcNow());
        var copy = (await _world.FilesA.GetAsync(Name, Cancel))!.Content;
        await WriteAsync("what is left");

        for (var weeks = 1; weeks <= 4; weeks++) Assert.Empty(await WeekAsync());
        var due = await WeekAsync();
        Assert.Equal([new DueErasure("a", week, 0), new DueErasure("b", week, 0)], due);
        foreach (var key in due)
            Assert.Equal(_world.Clock.GetUtcNow(), await _world.Round.DestroyAsync(key, Cancel));

        Assert.Equal("what is left", Text(await _world.Both.GetAsync(Name, Cancel)));
        _world.FilesA.Damage(Name, _ => copy.ToArray());
        Assert.Null(await _world.A.GetAsync(Name, Cancel));
        _world.Open();
        Assert.Null(await _world.A.GetAsync(Name, Cancel));
        Assert.Equal("what is left", Text(await _world.Both.GetAsync(Name, Cancel)));
    }

    /// <summary>A store that nobody re-wraps keeps its key alive, and that is late.</summary>
    [Fact]
    public async Task KeyThatIsNeeded_IsNotDestroyed_AndGetsLate()
    {
        await PutAsync("x");
        var week = QueueWeek.Of(_world.Clock.GetUtcNow());
        _world.Clock.Advance(TimeSpan.FromDays(36));
        var due = await _world.Round.DueAsync(Cancel);
        // The store's blob, and the newest version in the backup.
        Assert.Equal([new DueErasure("a", week, 2), new DueErasure("b", week, 2)], due);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _world.Round.DestroyAsync(due[0], Cancel));
        Assert.False(_world.Round.IsLate(week));
        _world.Clock.Advance(TimeSpan.FromDays(7));
        Assert.True(_world.Round.IsLate(week));
    }

    [Fact]
    public async Task BackupThatIsBehind_HoldsTheKeysBack()
    {
        await PutAsync("x");
        _world.Clock.Advance(TimeSpan.FromDays(36));
        _world.Offsite.Faults = (operation, _) =>
            operation == BlobOperation.Put ? BlobFault.Before : BlobFault.None;
        await Assert.ThrowsAsync<BlobStoreException>(() => _world.RoundAsync(Cancel));
        await Assert.ThrowsAsync<BlobStoreException>(() => _world.Round.DueAsync(Cancel));

        _world.Offsite.Faults = (_, _) => BlobFault.None;
        await _world.RoundAsync(Cancel);
        Assert.All(await _world.Round.DueAsync(Cancel), key => Assert.Equal(0, key.References));
    }

    /// <summary>Whatever call dies, the next round ends what this one began, and nothing is lost.</summary>
    [Fact]
    public async Task RoundCutAnywhere_IsEndedByTheNext()
    {
        for (var cut = 0; cut < 40; cut++)
        {
            using var world = new ErasureWorld(72 + cut);
            await world.Both.LevelAsync(Cancel);
            foreach (var name in new[] { "erasable/one", "erasable/two" })
                await world.Both.PutIfAbsentAsync(name, Bytes(name), Cancel);
            world.Clock.Advance(TimeSpan.FromDays(36));

            var calls = 0;
            foreach (var files in new[] { world.FilesA, world.FilesB, world.Offsite })
                files.Faults = (_, _) => ++calls == cut ? BlobFault.After : BlobFault.None;
            try
            {
                await world.RoundAsync(Cancel);
                foreach (var key in await world.Round.DueAsync(Cancel)) await world.Round.DestroyAsync(key, Cancel);
            }
            catch (BlobStoreException)
            {
                // The process dies here, at one call or another.
            }
            foreach (var files in new[] { world.FilesA, world.FilesB, world.Offsite })
                files.Faults = (_, _) => BlobFault.None;
            world.Open();
            await world.RoundAsync(Cancel);
            foreach (var key in await world.Round.DueAsync(Cancel)) await world.Round.DestroyAsync(key, Cancel);

            Assert.Empty(await world.Round.DueAsync(Cancel));
            foreach (var name in new[] { "erasable/one", "erasable/two" })
                Assert.Equal(name, Text(await world.Both.GetAsync(name, Cancel)));
        }
    }

    [Fact]
    public async Task VaultsRecoveryDays_AreInTheAnswer()
    {
        await PutAsync("x");
        _world.RootB.RecoveryDays = TimeSpan.FromDays(90);
        _world.Clock.Advance(TimeSpan.FromDays(36));
        await _world.RoundAsync(Cancel);
        var due = (await _world.Round.DueAsync(Cancel)).Single(key => key.Store == "b");
        Assert.Equal(_world.Clock.GetUtcNow().AddDays(90), await _world.Round.DestroyAsync(due, Cancel));
    }

    private async Task<IReadOnlyList<DueErasure>> WeekAsync()
    {
        _world.Clock.Advance(TimeSpan.FromDays(7));
        await _world.RoundAsync(Cancel);
        return await _world.Round.DueAsync(Cancel);
    }

    private async Task PutAsync(string text) =>
        Assert.True((await _world.Both.PutIfAbsentAsync(Name, Bytes(text), Cancel)).Done);

    private async Task WriteAsync(string text)
    {
        var etag = (await _world.Both.GetAsync(Name, Cancel))!.ETag;
        Assert.True((await _world.Both.PutIfMatchAsync(Name, Bytes(text), etag, Cancel)).Done);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(Blob? blob) => blob is null ? null : Encoding.UTF8.GetString(blob.Content.Span);
}
