using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Local;

public sealed class FileBlobStoreTests : IDisposable
{
    private const int InputOutput = 5;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    private readonly TempFolder _folder = new();
    private readonly FaultyFiles _files = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private FileBlobStore Open() => new(_folder.Path, _files);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Threat_12_Put_SyncsContentThenNameThenDirectory()
    {
        using var store = Open();
        await store.PutIfAbsentAsync("segments/first", Bytes("x"), Cancel);
        _files.Forget();
        await store.PutIfAbsentAsync("segments/second", Bytes("x"), Cancel);
        Assert.Equal([FileStep.SyncFile, FileStep.Rename, FileStep.SyncDirectory], _files.Steps);
    }

    [Fact]
    public async Task Threat_12_NewDirectories_AreSyncedOnceEach()
    {
        using var store = Open();
        _files.Forget();
        await store.PutIfAbsentAsync("packs/t/1-2/a", Bytes("x"), Cancel);
        // Three new directories, each entered durably in the one above, and the blob's own entry.
        Assert.Equal(4, _files.Steps.Count(step => step == FileStep.SyncDirectory));
        _files.Forget();
        await store.PutIfAbsentAsync("packs/t/1-2/b", Bytes("x"), Cancel);
        Assert.Equal(1, _files.Steps.Count(step => step == FileStep.SyncDirectory));
    }

    [Fact]
    public async Task Threat_12_TakenName_IsAnsweredOnlyAfterItIsDurable()
    {
        using var store = Open();
        await store.PutIfAbsentAsync("a", Bytes("x"), Cancel);
        _files.Forget();
        Assert.False((await store.PutIfAbsentAsync("a", Bytes("y"), Cancel)).Done);
        Assert.Contains(FileStep.SyncDirectory, _files.Steps);
        _files.Errno = (step, _) => step == FileStep.SyncDirectory ? InputOutput : 0;
        await Assert.ThrowsAsync<BlobStoreException>(
            async () => await store.PutIfAbsentAsync("a", Bytes("y"), Cancel));
    }

    [Theory]
    [InlineData(InputOutput)]
    [InlineData(NoSpace)]
    [InlineData(QuotaExceeded)]
    public async Task Threat_13_FailedSyncOfTheContent_IsTransientAndLeavesNothing(int errno)
    {
        using var store = Open();
        _files.Errno = (step, _) => step == FileStep.SyncFile ? errno : 0;
        var fault = await Assert.ThrowsAnyAsync<BlobStoreException>(
            async () => await store.PutIfAbsentAsync("a", Bytes("x"), Cancel));
        Assert.True(fault.Transient);
        Assert.Null(await store.GetAsync("a", Cancel));
        Assert.DoesNotContain(FileStep.Rename, _files.Steps);
        Assert.Empty(TempFilesLeft());
        _files.Errno = (_, _) => 0;
        Assert.True((await store.PutIfAbsentAsync("a", Bytes("x"), Cancel)).Done);
    }

    /// <summary>
    /// Each step of each kind of write, in turn, with each error; what is shown is whole or not there.
    /// </summary>
    [Fact]
    public async Task Threat_12_Threat_13_FaultAtEveryStep_NothingTornNothingForeign()
    {
        foreach (var errno in new[] { InputOutput, NoSpace, QuotaExceeded })
        {
            for (var step = 0; await FaultAtAsync(step, errno); step++) { }
        }
    }

    /// <summary>False: the writes have no such step.</summary>
    private async Task<bool> FaultAtAsync(int at, int errno)
    {
        using var folder = new TempFolder();
        var files = new FaultyFiles();
        using var store = new FileBlobStore(folder.Path, files);
        files.Forget();
        files.Errno = (_, number) => number == at ? errno : 0;
        var put = await Record.ExceptionAsync(async () => await store.PutIfAbsentAsync("s/a", Bytes("one"), Cancel));
        var etag = (await store.GetAsync("s/a", Cancel))?.ETag;
        var replace = await Record.ExceptionAsync(
            async () => await store.PutIfMatchAsync("s/a", Bytes("two"), etag, Cancel));
        var delete = await Record.ExceptionAsync(async () => await store.DeleteAsync("s/b", Cancel));
        foreach (var fault in new[] { put, replace, delete })
            Assert.True(fault is null or BlobStoreException { Transient: true }, $"step {at}, errno {errno}: {fault}");
        var text = await store.GetAsync("s/a", Cancel) is { } blob
            ? System.Text.Encoding.UTF8.GetString(blob.Content.Span) : null;
        Assert.Contains(text, replace is null ? ["two"] : new[] { null, "one", "two" });
        return files.Steps.Count > at;
    }

    [Fact]
    public async Task Threat_13_StreamedPut_FailedSync_LeavesNothing()
    {
        using var store = Open();
        _files.Errno = (step, _) => step == FileStep.SyncFile ? NoSpace : 0;
        await using (var writer = await store.CreateAsync("a", Cancel))
        {
            await writer.WriteAsync(new byte[100_000], Cancel);
            var fault = await Assert.ThrowsAnyAsync<BlobStoreException>(async () => await writer.CommitAsync(Cancel));
            Assert.True(fault.Transient);
            // A second try of the same file could be answered "done" by a kernel that has dropped its pages.
            await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer.CommitAsync(Cancel));
        }
        Assert.Null(await store.StatAsync("a", Cancel));
        Assert.Empty(TempFilesLeft());
    }

    [Fact]
    public async Task NameBelowABlob_IsAFinalFault()
    {
        using var store = Open();
        await store.PutIfAbsentAsync("a", Bytes("x"), Cancel);
        var below = await Assert.ThrowsAsync<BlobStoreException>(
            async () => await store.PutIfAbsentAsync("a/b", Bytes("x"), Cancel));
        await store.PutIfAbsentAsync("c/d", Bytes("x"), Cancel);
        var above = await Assert.ThrowsAsync<BlobStoreException>(
            async () => await store.PutIfAbsentAsync("c", Bytes("x"), Cancel));
        Assert.False(below.Transient);
        Assert.False(above.Transient);
        Assert.Null(await store.GetAsync("c", Cancel));
    }

    [Fact]
    public async Task FilesOfADeadProcess_AreClearedAtStart_ThoseOfALivingOneStay()
    {
        using var living = Open();
        await using var writer = await living.CreateAsync("a", Cancel);
        await writer.WriteAsync(Bytes("under way"), Cancel);
        var dead = Directory.CreateDirectory($"{_folder.Path}/.tmp/0123456789abcdef0123456789abcdef").FullName;
        await File.WriteAllTextAsync($"{dead}/7", "left behind", Cancel);
        using var next = Open();
        Assert.False(Directory.Exists(dead));
        Assert.True((await writer.CommitAsync(Cancel)).Done);
        Assert.Equal(Bytes("under way"), (await next.GetAsync("a", Cancel))!.Content.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData((1 << 20) - (64 << 10))]
    [InlineData(1 << 20)]
    [InlineData((3 << 20) + 77)]
    public async Task LargeContents_PastThePageCache_AreTheSameBytes(int more)
    {
        using var store = Open();
        var content = new byte[(64 << 10) + more];
        new Random(more).NextBytes(content);
        await store.PutIfAbsentAsync("a", content, Cancel);
        Assert.Equal(content, (await store.GetAsync("a", Cancel))!.Content.ToArray());
        Assert.Empty(TempFilesLeft());
    }

    [Fact]
    public async Task ForeignFiles_BeginningWithADot_AreNoBlobs()
    {
        using var store = Open();
        await store.PutIfAbsentAsync("s/a", Bytes("x"), Cancel);
        await File.WriteAllTextAsync($"{_folder.Path}/s/.nfs0001", "x", Cancel);
        var listed = await store.ListAsync("", null, Cancel).ToListAsync(Cancel);
        Assert.Equal(["s/a"], listed.Select(blob => blob.Name));
    }

    [Fact]
    public async Task NewDirectories_AreTheOwnersOnly()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = new TempFolder();
        using var store = new FileBlobStore($"{folder.Path}/new/root", new DurableFiles());
        await store.PutIfAbsentAsync("s/a", Bytes("x"), Cancel);
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode($"{folder.Path}/new/root") & others);
    }

    [Fact]
    public void RootThatCannotBe_IsAFaultOfTheStore()
    {
        File.WriteAllText($"{_folder.Path}/file", "x");
        Assert.Throws<BlobStoreException>(() => new FileBlobStore($"{_folder.Path}/file/root", new DurableFiles()));
    }

    private IEnumerable<string> TempFilesLeft() =>
        Directory.EnumerateFiles($"{_folder.Path}/.tmp", "*", SearchOption.AllDirectories)
            .Where(path => Path.GetFileName(path) is not ("lock" or "start"));
}
