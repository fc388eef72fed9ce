using System.Text;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Leases;
using AMA.Search;
using AMA.Search.Sealed;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>What a silo's disk tells by itself of whose mail it indexes: nothing.</summary>
public sealed class IndexPlacesTests : IDisposable
{
    private static readonly RetentionPart Part = new(new TenantId(new("0a1b2c3d-4e5f-4a5b-8c7d-9e0f1a2b3c4d")), 1, 24_441);

    private readonly string _folder = Directory.CreateTempSubdirectory("ama-places-").FullName;
    private readonly SeededRandom _random = new(20261124);
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<ulong, byte[]> _control = new() { [1] = [.. Enumerable.Repeat((byte)7, 32)] };
    private readonly List<PartitionKeys> _made = [];

    [Fact]
    public async Task Threat_38_TheDiskAlone_TellsNeitherTenantNorMonth()
    {
        var (_, places) = await StartAsync();
        var files = places.FilesOf(Part);
        Assert.Equal(files, places.FilesOf(Part));
        Assert.NotEqual(files, places.FilesOf(Part with { Epoch = Part.Epoch + 1 }));
        foreach (var path in Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories))
        {
            var said = path + (File.Exists(path) ? Encoding.Latin1.GetString(File.ReadAllBytes(path)) : "");
            Assert.DoesNotContain($"{Part.Tenant}", said, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain($"{Part.Epoch}", said, StringComparison.Ordinal);
        }
        Assert.Equal(2, Directory.GetFiles(_folder, "place.ama", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task AfterARestart_EachPartIsWhereItWas_ButNotWithoutControl()
    {
        var (_, places) = await StartAsync();
        var files = places.FilesOf(Part);

        var (_, again) = await StartAsync();
        Assert.Equal(files, again.FilesOf(Part));
        var alone = Places(Keys(_ => throw new InvalidOperationException("Control is away")));
        await Assert.ThrowsAsync<InvalidOperationException>(alone.ReadyAsync);
        Assert.Throws<IndexLockedException>(() => alone.FilesOf(Part));
    }

    [Fact]
    public async Task NewVersion_RewritesEveryPlace_AndThenTheOldOneIsNotNeeded()
    {
        var (_, places) = await StartAsync();
        var files = places.FilesOf(Part);
        _control[2] = [.. Enumerable.Repeat((byte)9, 32)];
        var (keys, later) = await StartAsync();
        using var tender = new PartitionTender(keys, later, _time, NullLogger<PartitionTender>.Instance);
        Assert.Equal(2, keys.Versions);

        await tender.TendAsync();

        Assert.Equal([2ul], _control.Keys);
        Assert.Equal((1, 2ul), (keys.Versions, keys.Newest!.Version));
        Assert.Equal(files, later.FilesOf(Part));
        var (_, last) = await StartAsync();
        Assert.Equal(files, last.FilesOf(Part));
    }

    [Fact]
    public async Task PlaceThatNoKeyOpens_IsLeftAlone_AndThePartGetsAnotherOne()
    {
        var (_, places) = await StartAsync();
        var files = places.FilesOf(Part);
        Directory.CreateDirectory(Path.Combine(_folder, "index", "cut-before-its-place-was-written"));
        _control.Clear();
        _control[3] = [.. Enumerable.Repeat((byte)11, 32)];
        var (_, later) = await StartAsync();
        Assert.NotEqual(files, later.FilesOf(Part));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(files)!, "place.ama")));
    }

    [Fact]
    public async Task RevokedSilo_ReadsItsDiskNoMore_UntilControlGivesItsKeyAgain()
    {
        var (keys, places) = await StartAsync();
        places.FilesOf(Part);
        keys.Forget();
        Assert.Null(keys.Of(1));
        Assert.Throws<IndexLockedException>(() => places.FilesOf(Part with { Class = 2 }));
        await places.ReadyAsync();
        Assert.NotEqual(places.FilesOf(Part), places.FilesOf(Part with { Class = 2 }));
    }

    [Fact]
    public async Task DamagedIndex_IsPutAside_InItsPlace()
    {
        var (_, places) = await StartAsync();
        var files = places.FilesOf(Part);
        Directory.CreateDirectory(files);
        places.PutAside(Part);
        Assert.False(Directory.Exists(files));
        Assert.Single(Directory.GetDirectories(Path.GetDirectoryName(files)!, "files.damaged-*"));
        Assert.Equal(files, places.FilesOf(Part));
    }

    public void Dispose()
    {
        foreach (var keys in _made) keys.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(PartitionKeys Keys, IndexPlaces Places)> StartAsync()
    {
        var keys = Keys(oldest =>
        {
            foreach (var version in _control.Keys.Where(version => version < oldest).ToArray()) _control.Remove(version);
            var lease = new HeldLease(_random.NextId(), LeasePurpose.Partition, 0, _time);
            lease.Take(_control.Select(key => new LeasedKey(
                LeasedKeyKind.Partition, key.Key, 0, 0, 0, 0, 0, Secret.Copy(key.Value))));
            return Task.FromResult(lease);
        });
        var places = Places(keys);
        await places.ReadyAsync();
        return (keys, places);
    }

    private PartitionKeys Keys(Func<ulong?, Task<HeldLease>> ask)
    {
        var keys = new PartitionKeys(ask, () => new(Region.Eu, "archive-1"));
        _made.Add(keys);
        return keys;
    }

    private IndexPlaces Places(PartitionKeys keys) => new(
        new(Path.Combine(_folder, "index")), new(new DurableFiles(), _random, new ChunkCache(1 << 16), _time), keys,
        NullLogger<IndexPlaces>.Instance);
}
