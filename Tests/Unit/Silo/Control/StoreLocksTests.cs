using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Silo.Control;
using Xunit;

namespace AMA.Tests.Unit.Silo.Control;

/// <summary>A store that is away ends no process: Control waits in recovery mode and tries again.</summary>
public sealed class StoreLocksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ama-locks-").FullName;

    [Fact]
    public void DirectoryThatCannotBeMade_IsAway_AndTheOtherIsGivenBack()
    {
        var (there, away) = (Path.Combine(_folder, "a"), Path.Combine(_folder, "file", "b"));
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var fault = Assert.Throws<BlobStoreException>(() => StoreLocks.Take(there, away));
        Assert.True(fault.Transient);
        Assert.Contains(away, fault.Message);
        DirectoryLock.Take(there).Dispose();
    }

    [Fact]
    public void DirectoryOfAnotherProcess_IsNoAbsence()
    {
        using var taken = DirectoryLock.Take(_folder);
        Assert.Throws<IOException>(() => StoreLocks.Take(_folder));
    }

    [Fact]
    public async Task StoreThatDoesNotOpen_GivesTheLocksBack_ForTheNextTry()
    {
        var options = new ControlSiloOptions
        {
            Region = Region.Eu, DirectoryA = At("a"), DirectoryB = At("b"), OffsiteBackup = At("offsite"),
            OperatorTokenFile = At("token"), AdminSocket = At("socket"),
        };
        var parts = new ControlSiloParts
        {
            Ports = new("unused", 0, 0), OpenStore = _ => throw new BlobStoreException("away", transient: true),
        };
        await using var roots = new ControlKeyRoots();
        for (var times = 0; times < 2; times++)
            Assert.Throws<BlobStoreException>(() => new ControlStores(options, parts, roots));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);
}
