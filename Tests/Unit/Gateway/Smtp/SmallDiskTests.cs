using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Gateway.Smtp.Spooling;
using AMA.Tests.Unit.Adapters.Local;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

/// <summary>A spool store on a disk that really runs full.</summary>
public sealed class SmallDiskTests : IDisposable
{
    private readonly SmallDisk? _disk = SmallDisk.TryMake(megabytes: 4, inodes: 200);
    private readonly FakeTimeProvider _time = new();
    private int _names;

    public void Dispose() => _disk?.Dispose();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Threat_13_DiskFillsUp_TakesNothingNew_UntilThereIsRoom(bool inodes)
    {
        Assert.SkipWhen(_disk is null, "nothing can be mounted here");
        using var files = new FileBlobStore($"{_disk.Path}/a", new DurableFiles());
        var guarded = new GuardedStore(files, 5, _time);
        await PutAsync(guarded);
        if (inodes) _disk.FillInodes();
        else _disk.FillBytes(leftPercent: 4);
        _time.Advance(GuardedStore.AskEvery);
        await Assert.ThrowsAsync<StoreFullException>(() => PutAsync(guarded));
        var space = await files.SpaceAsync(default);
        Assert.True(inodes == space.InodesPercent < 5 && inodes != space.BytesPercent < 5, space.ToString());
        _disk.Empty();
        _time.Advance(GuardedStore.AskEvery);
        await PutAsync(guarded);
    }

    /// <summary>What the reserve doesn't catch the kernel says, and it is the same answer to the sender.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Threat_13_NothingLeft_IsFull_AndNothingTorn(bool inodes)
    {
        Assert.SkipWhen(_disk is null, "nothing can be mounted here");
        using var files = new FileBlobStore($"{_disk.Path}/a", new DurableFiles());
        await PutAsync(files);
        if (inodes) _disk.FillInodes();
        else _disk.FillBytes(leftPercent: 0);
        await Assert.ThrowsAsync<StoreFullException>(() => PutAsync(files));
        Assert.Equal(["n1"], await NamesAsync(files));
        _disk.Empty();
        await PutAsync(files);
    }

    private async Task PutAsync(IBlobStore store) =>
        Assert.True((await store.PutIfAbsentAsync($"n{++_names}", new byte[100_000], default)).Done);

    private static async Task<List<string>> NamesAsync(IBlobStore store)
    {
        var names = new List<string>();
        await foreach (var blob in store.ListAsync("", null, default)) names.Add(blob.Name);
        return names;
    }
}
