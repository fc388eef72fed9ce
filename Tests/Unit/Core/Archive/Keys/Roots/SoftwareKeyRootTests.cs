using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys.Roots;

public sealed class PassphraseKeyRootTests : SoftwareKeyRootTests
{
    protected override SoftwareUnlock? Unlock() => Passphrase("quiet harbour");
    protected override SoftwareUnlock? WrongUnlock() => Passphrase("quiet harbor");
    protected override IReadOnlyList<string> Secrets => ["quiet harbour", "quiet harbor"];
}

public sealed class CredentialKeyRootTests : SoftwareKeyRootTests
{
    protected override SoftwareUnlock? Unlock() => Credential(7);
    protected override SoftwareUnlock? WrongUnlock() => Credential(8);
    protected override IReadOnlyList<string> Secrets => [Convert.ToHexString(new SeededRandom(7).NextBytes(32))];
}

/// <summary>Key files in a directory, on the real file system.</summary>
public abstract class SoftwareKeyRootTests : KeyRootContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ama-roots-").FullName;

    protected abstract SoftwareUnlock? Unlock();
    protected abstract SoftwareUnlock? WrongUnlock();

    protected override ValueTask<IKeyRoot> OpenAsync() => new(Roots.Open(InStore("a"), Unlock()));
    protected override ValueTask<IKeyRoot> OpenOtherAsync() => new(Roots.Open(InStore("b"), Unlock()));
    protected override ValueTask<IKeyRoot> OpenWronglyAsync() => new(Roots.Open(InStore("a"), WrongUnlock()));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Threat_38_Directory_ShowsNoKey_AndDestroyRemovesTheFile()
    {
        var root = await RootAsync();
        var key = await root.EnsureAsync("rkek-eu", Cancel);
        Assert.False(File.Exists(Path.Combine(InStore("a"), SoftwareKeyRoot.PlainFileName)));
        var file = Path.Combine(InStore("a"), "keys", "rkek-eu.1.amk1");
        if (OperatingSystem.IsLinux())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await root.DestroyAsync(key, Cancel);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task DamagedHead_IsMisconfigured_OrDenied()
    {
        await RootAsync();
        var path = Path.Combine(InStore("a"), SoftwareKeyRoot.HeadFileName);
        var head = File.ReadAllBytes(path);
        for (var at = 0; at < 32; at++)
        {
            var damaged = head.ToArray();
            damaged[at] ^= 0x40;
            File.WriteAllBytes(path, damaged);
            var fault = Assert.Throws<KeyRootException>(() => Roots.Open(InStore("a"), Unlock()));
            Assert.True(fault.Fault is KeyRootFault.Misconfigured or KeyRootFault.Denied, $"byte {at}: {fault.Fault}");
        }
    }

    protected static SoftwareUnlock Passphrase(string text) =>
        new(UnlockKind.Passphrase, Secret.Copy(System.Text.Encoding.UTF8.GetBytes(text))) { MemoryKiB = 8 << 10 };

    protected static SoftwareUnlock Credential(int seed) =>
        new(UnlockKind.Credential, Secret.Random(new SeededRandom(seed)));

    private string InStore(string name) => Path.Combine(_directory, name);
}

internal static class Roots
{
    public static SoftwareKeyRoot Open(string directory, SoftwareUnlock? unlock)
    {
        using var secret = unlock?.Secret;
        return SoftwareKeyRoot.Open(
            directory, unlock, new PrivateFiles(new DurableFiles()), SystemRandom.Instance,
            new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)));
    }
}
