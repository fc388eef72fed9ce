using AMA.Archive.Blobs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Blobs;

public sealed class BackedUpStoreContractTests : BlobStoreContract
{
    private readonly MemoryBlobStore _files = new();
    private readonly MemoryBlobStore _offsite = new();

    protected override int LongestName => BlobLimits.NameCharsMax - "a/".Length - "/0123456789".Length;

    protected override ValueTask<IBlobStore> OpenAsync() =>
        new(new BackedUpStore(_files, new OffsiteBackup(_offsite), "a", _ => true));
}

public sealed class BackedUpStoreTests
{
    private readonly MemoryBlobStore _files = new();
    private readonly MemoryBlobStore _offsite = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryVersion_IsAppended_AndNoneReplaced()
    {
        var store = Open();
        var etag = (await store.PutIfMatchAsync("keys/eu", Bytes("one"), null, Cancel)).ETag;
        etag = (await store.PutIfMatchAsync("keys/eu", Bytes("two"), etag, Cancel)).ETag;
        await Open().GetAsync("keys/eu", Cancel); // another process: already there, not appended again
        await Open().PutIfMatchAsync("keys/eu", Bytes("three"), etag, Cancel);
        await store.PutIfAbsentAsync("audit/1", Bytes("x"), Cancel);
        Assert.Equal(
            ["a/keys/eu/0000000000", "a/keys/eu/0000000001", "a/keys/eu/0000000002"], _offsite.Names);

        var newest = await new OffsiteBackup(_offsite).NewestAsync("a", "keys/", Cancel).ToListAsync(Cancel);
        Assert.Equal([("keys/eu", "three")], newest.Select(pair => (pair.Name, Text(pair.Content))));
    }

    [Fact]
    public async Task BackupThatFails_FailsThePut_AndTheNextReadMakesItGood()
    {
        var store = Open();
        _offsite.Faults = (operation, _) => operation == BlobOperation.Put ? BlobFault.Before : BlobFault.None;
        await Assert.ThrowsAsync<BlobStoreException>(
            async () => await store.PutIfAbsentAsync("keys/eu", Bytes("one"), Cancel));
        await Assert.ThrowsAsync<BlobStoreException>(async () => await store.GetAsync("keys/eu", Cancel));
        _offsite.Faults = (_, _) => BlobFault.None;
        Assert.Equal("one", Text((await store.GetAsync("keys/eu", Cancel))!.Content));
        Assert.Single(_offsite.Names);
    }

    [Fact]
    public async Task OldVersions_GoWhenANewerOneHasStoodForLong_AndTheNewestNever()
    {
        var (keep, backup) = (TimeSpan.FromDays(42), new OffsiteBackup(_offsite));
        foreach (var text in new[] { "1", "2", "3" }) await backup.KeepAsync("a", "keys/eu", Bytes(text), Cancel);
        await backup.KeepAsync("a", "roots/a", Bytes("r"), Cancel);
        await backup.KeepAsync("b", "erasable/x", Bytes("e"), Cancel);
        Assert.Equal(0, await PruneAsync(0));
        foreach (var text in new[] { "4", "5" }) await backup.KeepAsync("a", "keys/eu", Bytes(text), Cancel);
        await backup.KeepAsync("b", "erasable/x", Bytes("f"), Cancel);

        for (var day = 1; day <= 42; day++) Assert.Equal(0, await PruneAsync(1));
        Assert.Equal(2, await PruneAsync(1)); // 1 and 2; 3 was the newest then
        Assert.Equal(0, await PruneAsync(6)); // a week after the first list
        Assert.Equal(3, await PruneAsync(1)); // 3 and 4, and e
        Assert.Equal(0, await PruneAsync(350));
        Assert.Equal(0, await PruneAsync(1));
        Assert.Equal(
            ["a/keys/eu/0000000004", "a/roots/a/0000000000", "b/erasable/x/0000000001"],
            _offsite.Names.Where(name => !name.StartsWith("newest/", StringComparison.Ordinal)));
        Assert.Single(_offsite.Names, name => name.StartsWith("newest/", StringComparison.Ordinal));

        // The count goes on, also for a process that never saw the old ones.
        await new OffsiteBackup(_offsite).KeepAsync("a", "keys/eu", Bytes("6"), Cancel);
        Assert.Contains("a/keys/eu/0000000005", _offsite.Names);

        ValueTask<long> PruneAsync(int daysLater)
        {
            _time.Advance(TimeSpan.FromDays(daysLater));
            return backup.PruneAsync(_time, keep, Cancel);
        }
    }

    /// <summary>Fifty days ahead, then put right: a day of rounds must agree before anything goes.</summary>
    [Fact]
    public async Task ClockThatLeaps_PrunesNothing_UntilADayOfRoundsAgrees()
    {
        var (keep, backup) = (TimeSpan.FromDays(42), new OffsiteBackup(_offsite));
        await backup.KeepAsync("a", "keys/eu", Bytes("1"), Cancel);
        await backup.KeepAsync("a", "keys/eu", Bytes("2"), Cancel);
        await backup.PruneAsync(_time, keep, Cancel);
        var leapt = new LeaptTime(_time);
        Assert.Equal(0, await backup.PruneAsync(leapt, keep, Cancel));
        for (var hour = 1; hour < 24; hour++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            Assert.Equal(0, await backup.PruneAsync(leapt, keep, Cancel));
        }
        Assert.Equal(0, await backup.PruneAsync(_time, keep, Cancel)); // put right: the notice is forgotten
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await backup.PruneAsync(leapt, keep, Cancel));
        _time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(1, await backup.PruneAsync(leapt, keep, Cancel));
    }

    private sealed class LeaptTime(TimeProvider right) : TimeProvider
    {
        public override long TimestampFrequency => right.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => right.GetUtcNow().AddDays(50);

        public override long GetTimestamp() => right.GetTimestamp();
    }

    [Fact]
    public async Task PutThatLost_IsNotInTheBackup()
    {
        var store = Open();
        await store.PutIfAbsentAsync("keys/eu", Bytes("one"), Cancel);
        Assert.False((await store.PutIfAbsentAsync("keys/eu", Bytes("two"), Cancel)).Done);
        Assert.Single(_offsite.Names);
    }

    /// <summary>Else one flipped bit makes every later version look old, and the restore takes the damaged one.</summary>
    [Theory]
    [InlineData(1L << 40)]
    [InlineData(5)]
    [InlineData(2)]
    public async Task Threat_37_GenerationThatDoesNotFollow_IsKeptAside_WithAnAlarm_AndVersionsGoOn(long forged)
    {
        var alarms = new List<string>();
        var backup = new OffsiteBackup(_offsite) { Doubtful = alarms.Add };
        foreach (var generation in new[] { 1, 2, 3 })
            await backup.KeepAsync("a", "keys/eu", Counted(generation, "good"), Cancel);
        for (var times = 0; times < 2; times++) await backup.KeepAsync("a", "keys/eu", Counted(forged, "bad"), Cancel);
        await backup.KeepAsync("a", "keys/eu", Counted(4, "good"), Cancel);

        var aside = Assert.Single(alarms);
        Assert.StartsWith("doubtful/a/keys/eu/", aside);
        Assert.Equal(Counted(forged, "bad"), (await _offsite.GetAsync(aside, Cancel))!.Content.ToArray());
        var newest = await backup.NewestAsync("a", "keys/", Cancel).ToListAsync(Cancel);
        Assert.Equal(Counted(4, "good"), Assert.Single(newest).Content.ToArray());
        Assert.True(await backup.IsNewestAsync("a", "keys/eu", Counted(4, "good"), Cancel));
        Assert.False(await backup.IsNewestAsync("a", "keys/eu", Counted(forged, "bad"), Cancel));
    }

    /// <summary>A read that a write has overtaken brings it too: no alarm.</summary>
    [Fact]
    public async Task OlderVersionThatIsKept_IsNotAppended_NorAnAlarm()
    {
        var backup = new OffsiteBackup(_offsite) { Doubtful = Assert.Fail };
        foreach (var generation in new[] { 1, 2, 1 })
            await backup.KeepAsync("a", "keys/eu", Counted(generation, "good"), Cancel);
        Assert.Equal(["a/keys/eu/0000000000", "a/keys/eu/0000000001"], _offsite.Names);
    }

    private static byte[] Counted(long generation, string text) => [.. StateVersion.Head(generation), .. Bytes(text)];

    private BackedUpStore Open() =>
        new(_files, new OffsiteBackup(_offsite), "a", name => !name.StartsWith("audit/", StringComparison.Ordinal));

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> content) => System.Text.Encoding.UTF8.GetString(content.Span);
}
