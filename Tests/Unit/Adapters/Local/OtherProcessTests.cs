using System.Diagnostics;
using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Local;

/// <summary>Locks against a process that is really another one, and that dies.</summary>
public sealed class OtherProcessTests : IDisposable
{
    private const string HoldAllLocks =
        "for f in \"$0\"/*; do exec {fd}>>\"$f\"; flock -x \"$fd\"; done; echo held; exec sleep 600";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Threat_12_NameLockedByAnotherProcess_IsTransient_AndFreeWhenThatProcessIsKilled()
    {
        using var store = new FileBlobStore(_folder.Path, new DurableFiles(), time: _time);
        var etag = (await store.PutIfMatchAsync("state/a", new byte[] { 1 }, null, Cancel)).ETag;
        using var holder = await HoldAsync();

        var fault = await Assert.ThrowsAsync<BlobStoreException>(
            () => InFakeTimeAsync(store.PutIfMatchAsync("state/a", new byte[] { 2 }, etag, Cancel).AsTask()));
        Assert.True(fault.Transient);
        await Assert.ThrowsAsync<BlobStoreException>(
            () => InFakeTimeAsync(store.DeleteAsync("state/a", Cancel).AsTask()));
        Assert.Equal([1], (await store.GetAsync("state/a", Cancel))!.Content.ToArray());
        Assert.True((await store.PutIfAbsentAsync("state/b", new byte[] { 3 }, Cancel)).Done);

        var waiting = store.PutIfMatchAsync("state/a", new byte[] { 2 }, etag, Cancel).AsTask();
        holder.Kill();
        await holder.WaitForExitAsync(Cancel);
        await InFakeTimeAsync(waiting);
        Assert.True((await waiting).Done);
    }

    private async Task InFakeTimeAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }
        await work;
    }

    private async Task<Process> HoldAsync()
    {
        var start = new ProcessStartInfo("bash", ["-c", HoldAllLocks, $"{_folder.Path}/.locks"])
        {
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        Assert.Equal("held", await process.StandardOutput.ReadLineAsync(Cancel));
        return process;
    }
}
