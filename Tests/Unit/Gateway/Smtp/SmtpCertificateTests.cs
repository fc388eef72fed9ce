using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Gateway.Smtp;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class SmtpCertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ama-tls-");

    [Fact]
    public void WithoutOne_ItIsMade_ForTheOwnersEyes_AndKept()
    {
        var made = Load();
        var again = Load();
        Assert.True(made.SelfSigned);
        Assert.Equal(made.Fingerprint, again.Fingerprint);
        Assert.Matches("^[0-9a-f]{64}$", made.Fingerprint);
        Assert.True(made.Certificate.HasPrivateKey);
        Assert.True(made.Certificate.MatchesHostname("archive.example"));
        Assert.True(made.Certificate.MatchesHostname("127.0.0.1"));
        var file = Path.Combine(_folder.FullName, "tls", "smtp.pem");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.FullName, "tls")));
    }

    [Fact]
    public void AGivenFile_IsUsed_WithItsChain()
    {
        Load();
        var own = File.ReadAllText(Path.Combine(_folder.FullName, "tls", "smtp.pem"));
        var given = Path.Combine(_folder.FullName, "given.pem");
        var other = own[..(own.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + 26)];
        File.WriteAllText(given, own + other);
        var loaded = SmtpCertificate.LoadOrCreate(given, "", "x", new DurableFiles(), TimeProvider.System);
        Assert.False(loaded.SelfSigned);
        Assert.Single(loaded.Chain);
    }

    [Fact]
    public void AFileWithoutAKey_IsRefused()
    {
        Load();
        var own = File.ReadAllText(Path.Combine(_folder.FullName, "tls", "smtp.pem"));
        var given = Path.Combine(_folder.FullName, "given.pem");
        File.WriteAllText(given, own[..(own.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + 26)]);
        Assert.ThrowsAny<CryptographicException>(() =>
            SmtpCertificate.LoadOrCreate(given, "", "archive.example", new DurableFiles(), TimeProvider.System));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private SmtpCertificate Load() => SmtpCertificate.LoadOrCreate(
        "", _folder.FullName, "archive.example", new DurableFiles(), TimeProvider.System);
}
