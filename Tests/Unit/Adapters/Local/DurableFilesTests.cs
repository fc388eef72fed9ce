using AMA.Adapters.Local;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Local;

public sealed class DurableFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DurableFiles _files = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Threat_12_SelfTest_PassesWhereFailingSyncsAreSeen() => _files.SelfTest();

    [Fact]
    public void Threat_12_SelfTest_RefusesASystemThatHidesThem()
    {
        // One that says "done", and one that reports some other error than the kernel's.
        var hiding = new HidingFiles();
        var fault = Assert.Throws<InvalidOperationException>(() => DurableFiles.SelfTest(hiding));
        Assert.Contains("fsync", fault.Message);
        var lying = new FaultyFiles { Errno = (_, _) => 203 };
        Assert.Throws<InvalidOperationException>(() => DurableFiles.SelfTest(lying));
    }

    [Fact]
    public void FailingSync_NamesTheErrorOfTheKernel()
    {
        Assert.Equal(22, Assert.Throws<IOException>(() => _files.SyncFile("/dev/null")).HResult);
        Assert.Equal(2, Assert.Throws<IOException>(() => _files.SyncDirectory($"{_folder.Path}/none")).HResult);
        using var device = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        Assert.Equal(22, Assert.Throws<IOException>(() => _files.SyncFile(device)).HResult);
    }

    [Fact]
    public void Rename_ToATakenName_IsRefused()
    {
        File.WriteAllText($"{_folder.Path}/a", "a");
        File.WriteAllText($"{_folder.Path}/b", "b");
        Assert.False(_files.TryRename($"{_folder.Path}/a", $"{_folder.Path}/b"));
        Assert.True(_files.TryRename($"{_folder.Path}/a", $"{_folder.Path}/c"));
        Assert.Equal("b", File.ReadAllText($"{_folder.Path}/b"));
        Assert.Equal("a", File.ReadAllText($"{_folder.Path}/c"));
        Assert.False(File.Exists($"{_folder.Path}/a"));
        Assert.Throws<IOException>(() => _files.TryRename($"{_folder.Path}/none", $"{_folder.Path}/d"));
    }

    [Fact]
    public void Replace_TakesTheNameOver()
    {
        File.WriteAllText($"{_folder.Path}/a", "a");
        File.WriteAllText($"{_folder.Path}/b", "b");
        _files.Replace($"{_folder.Path}/a", $"{_folder.Path}/b");
        _files.SyncDirectory(_folder.Path);
        _files.SyncFile($"{_folder.Path}/b");
        Assert.Equal("a", File.ReadAllText($"{_folder.Path}/b"));
        Assert.False(File.Exists($"{_folder.Path}/a"));
    }
}
