using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Roots;

/// <summary>A root on the move is a root: the same contract, and what the old one wrapped goes on opening.</summary>
public sealed class MovingKeyRootTests : KeyRootContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ama-moving-").FullName;

    protected override IReadOnlyList<string> Secrets => ["quiet harbour", "wrong"];
    protected override ValueTask<IKeyRoot> OpenAsync() => new(Open("to", "from", "quiet harbour"));
    protected override ValueTask<IKeyRoot> OpenOtherAsync() => new(Open("other", "others-old", "quiet harbour"));
    protected override ValueTask<IKeyRoot> OpenWronglyAsync() => new(Open("to", "from", "wrong"));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task OldBlobs_Open_NewOnesAreTheNewRoots_AndDestroyHitsTheRightOne()
    {
        using var secret = Secret.Random(new SeededRandom(1));
        var context = KeyContext.Of(KeyType.RegionRoot, Region.Eu);
        await using var old = Single("from", "quiet harbour");
        var before = await old.EnsureAsync("rkek-eu", Cancel);
        var blob = await old.WrapAsync(before, KeyType.RegionRoot, context, secret, Cancel);

        var moving = await RootAsync();
        var after = await moving.EnsureAsync("rkek-eu", Cancel);
        Assert.Equal(1u, after.Version); // the same name and version as the old one
        Assert.NotEqual(before.Id, after.Id);
        await OpensAsync(moving, blob, secret);
        Assert.Equal(2, (await moving.ListAsync(Cancel)).Count);

        await moving.DestroyAsync(before, Cancel);
        await IsAsync(KeyRootFault.Missing, () => moving.UnwrapAsync(KeyType.RegionRoot, context, blob, Cancel));
        Assert.Equal([after], await moving.ListAsync(Cancel));
    }

    private MovingKeyRoot Open(string to, string from, string passphrase) =>
        new(Single(to, passphrase), Single(from, passphrase));

    private SoftwareKeyRoot Single(string name, string passphrase) => Roots.Open(
        Path.Combine(_directory, name),
        new(UnlockKind.Passphrase, Secret.Copy(System.Text.Encoding.UTF8.GetBytes(passphrase))) { MemoryKiB = 8 << 10 });
}
