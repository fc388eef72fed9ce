using System.Runtime.Versioning;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Grains.Control.Directory;
using AMA.Silo.Control;
using AMA.Silo.Control.Roots;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Silo.Control;

/// <summary>The files with secrets that an operator handles: cut in the middle of a change, and left open to others.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OperatorTokenFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ama-token-").FullName;
    private readonly OperatorTokenFile _file = new(new PrivateFiles(new DurableFiles()), new SeededRandom(20261124));

    private string At => Path.Combine(_folder, "operator.token");

    private byte[] Written => OperatorGate.HashOf(File.ReadAllText(At).Trim());

    [Fact]
    public void CutBeforeControlTookTheNewOne_TheOldOneStays()
    {
        var known = _file.Make(At);
        _file.Prepare(At);
        _file.Settle(At, known);
        Assert.Equal(known, Written);
        Assert.Equal([At], Directory.GetFiles(_folder));
    }

    [Fact]
    public void CutAfterControlTookTheNewOne_TheNextStartPutsItInPlace()
    {
        _file.Make(At);
        var known = _file.Prepare(At);
        _file.Settle(At, known);
        Assert.Equal(known, Written);
        Assert.Equal([At], Directory.GetFiles(_folder));

        // And cut while it was put in place: the old file is gone, the new one not there yet.
        known = _file.Prepare(At);
        File.Delete(At);
        _file.Settle(At, known);
        Assert.Equal(known, Written);
        Assert.Equal([At], Directory.GetFiles(_folder));
    }

    /// <summary>Else a second try loses the token that Control took at the first, whose answer was lost.</summary>
    [Fact]
    public void RotationTriedAgain_GoesOnWithTheTokenOfTheFirstTry()
    {
        _file.Make(At);
        var first = _file.Prepare(At);
        Assert.Equal(first, _file.Prepare(At));
        _file.Settle(At, first);
        Assert.Equal(first, Written);
    }

    [Fact]
    public void TokenInUse_LeftBesideItself_IsNoNewOne()
    {
        var used = _file.Make(At);
        File.Copy(At, At + ".next");
        var next = _file.Prepare(At);
        Assert.NotEqual(used, next);
        _file.Settle(At, next);
        Assert.Equal(next, Written);
    }

    [Fact]
    public void FilesThatOthersMayReadOrChange_AreNamed()
    {
        var passphrase = Path.Combine(_folder, "passphrase");
        var pin = Path.Combine(_folder, "pin");
        _file.Make(At);
        File.WriteAllText(passphrase, "secret");
        File.WriteAllText(pin, "1234");
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(passphrase, owner);
        File.SetUnixFileMode(pin, owner);
        var options = ControlSiloOptions.In(_folder, Region.Eu) with
        {
            OperatorTokenFile = At,
            KeyRootA = new() { Software = new() { PassphraseFile = passphrase } },
            KeyRootB = new() { Kind = KeyRootKind.Pkcs11, Pkcs11 = new("m", "t", "k", pin) },
        };
        Assert.Empty(ExposedFiles.Of(options));
        File.SetUnixFileMode(passphrase, owner | UnixFileMode.GroupRead);
        Assert.Equal([passphrase], ExposedFiles.Of(options));
        File.SetUnixFileMode(pin, owner | UnixFileMode.OtherWrite);
        File.SetUnixFileMode(At, owner | UnixFileMode.OtherRead);
        Assert.Equal([At, passphrase, pin], ExposedFiles.Of(options));
        Assert.Empty(ExposedFiles.Of(options with { OperatorTokenFile = "/nowhere", KeyRootA = new(), KeyRootB = new() }));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
