using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Roots;

/// <summary>The master as a plain file, and the way from there to a sealed one.</summary>
public sealed class PlainKeyRootTests : IDisposable
{
    private const KeyType Type = KeyType.RegionRoot;
    private static readonly string Context = KeyContext.Of(Type, Region.Eu);

    private readonly string _directory = Directory.CreateTempSubdirectory("ama-roots-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private string PlainFile => Path.Combine(_directory, SoftwareKeyRoot.PlainFileName);
    private string HeadFile => Path.Combine(_directory, SoftwareKeyRoot.HeadFileName);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task BlobUnderTheMasterItself_OfAnOlderDirectory_Opens()
    {
        using var master = Secret.Random(new SeededRandom(1));
        using var secret = Secret.Random(new SeededRandom(2));
        File.WriteAllBytes(PlainFile, master.Span.ToArray());
        var old = KeyBlob.Wrap(master, RootIds.Of(master), 1, Type, Context, secret.Span, new SeededRandom(3));
        await using var root = Roots.Open(_directory, null);
        using var opened = await root.UnwrapAsync(Type, Context, old, Cancel);
        Assert.Equal(secret.Span.ToArray(), opened.Span.ToArray());
    }

    [Fact]
    public async Task PlainRoot_IsTakenOver_WhenAPassphraseIsSet_AndNeedsItFromThenOn()
    {
        using var secret = Secret.Random(new SeededRandom(2));
        byte[] blob;
        await using (var plain = Roots.Open(_directory, null))
            blob = await plain.WrapAsync(await plain.EnsureAsync("rkek-eu", Cancel), Type, Context, secret, Cancel);
        var master = File.ReadAllBytes(PlainFile);

        await using (var taken = Roots.Open(_directory, Passphrase()))
            using (var opened = await taken.UnwrapAsync(Type, Context, blob, Cancel))
                Assert.Equal(secret.Span.ToArray(), opened.Span.ToArray());

        Assert.False(File.Exists(PlainFile));
        Assert.Equal(KeyRootFault.Misconfigured, Fault(() => Roots.Open(_directory, null)));
        Assert.All(
            Directory.GetFiles(_directory, "*", SearchOption.AllDirectories),
            file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(master)));

        // A kill between the sealed head and the removal of the plain file: the next start removes it.
        File.WriteAllBytes(PlainFile, master);
        await using var again = Roots.Open(_directory, Passphrase());
        Assert.False(File.Exists(PlainFile));
    }

    [Fact]
    public async Task LostAndMadeAnew_OldKeysAreMissing_AndNewOnesTakeNewVersions()
    {
        await using (var root = Roots.Open(_directory, null)) await root.EnsureAsync("rkek-eu", Cancel);
        File.Delete(PlainFile);
        await using var anew = Roots.Open(_directory, null);
        Assert.Empty(await anew.ListAsync(Cancel));
        Assert.Equal(2u, (await anew.EnsureAsync("rkek-eu", Cancel)).Version);
    }

    [Fact]
    public void WrongFiles_AreMisconfigured()
    {
        File.WriteAllBytes(PlainFile, new byte[31]);
        Assert.Equal(KeyRootFault.Misconfigured, Fault(() => Roots.Open(_directory, null)));
        File.Delete(PlainFile);
        File.WriteAllBytes(HeadFile, new byte[200]);
        Assert.Equal(KeyRootFault.Misconfigured, Fault(() => Roots.Open(_directory, Passphrase())));
    }

    [Fact]
    public async Task CredentialInsteadOfPassphrase_SaysWhatToSet()
    {
        await using (Roots.Open(_directory, Passphrase())) { }
        var credential = new SoftwareUnlock(UnlockKind.Credential, Secret.Random(new SeededRandom(5)));
        var fault = Assert.Throws<KeyRootException>(() => Roots.Open(_directory, credential));
        Assert.Equal(KeyRootFault.Misconfigured, fault.Fault);
        Assert.Contains("AMA:Control:Software:PassphraseFile", fault.Message);
    }

    [Fact]
    public async Task Passphrase_CostsWhatTheDesignSays()
    {
        await using (Roots.Open(_directory, Passphrase() with { MemoryKiB = 256 << 10 })) { }
        var head = File.ReadAllBytes(HeadFile);
        Assert.Equal([0, 4, 0, 0, 0, 0, 0, 3], head[8..16]);
        Assert.Equal(256u << 10, new SoftwareUnlock(UnlockKind.Passphrase, Secret.Copy([1])).MemoryKiB);
    }

    private static SoftwareUnlock Passphrase() =>
        new(UnlockKind.Passphrase, Secret.Copy("quiet harbour"u8)) { MemoryKiB = 8 << 10 };

    private static KeyRootFault Fault(Action act) => Assert.Throws<KeyRootException>(act).Fault;
}
