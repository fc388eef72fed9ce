using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Tests.Unit.Core.Archive.Blobs;

namespace AMA.Tests.Unit.Adapters.Local;

/// <summary>
/// Each opening is a store of its own over the same directory: locks are per open file, as among processes.
/// </summary>
public sealed class FileBlobStoreContractTests : BlobStoreContract
{
    private readonly TempFolder _folder = new();

    protected override ValueTask<IBlobStore> OpenAsync() => new(new FileBlobStore(_folder.Path, new DurableFiles()));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>The pair as Control runs it.</summary>
public sealed class FileTwinStoreContractTests : BlobStoreContract
{
    private readonly TempFolder _folder = new();
    private readonly List<FileBlobStore> _stores = [];

    protected override int LongestName => BlobLimits.NameCharsMax - "twin/gone/".Length;

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        var first = new FileBlobStore($"{_folder.Path}/a", new DurableFiles());
        var second = new FileBlobStore($"{_folder.Path}/b", new DurableFiles());
        lock (_stores) _stores.AddRange([first, second]);
        var twin = new TwinStore(first, second, SystemRandom.Instance);
        await twin.LevelAsync(Cancel);
        return twin;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var store in _stores) store.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A directory of the test's own, gone after it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ama-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
