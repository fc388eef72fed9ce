using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AMA.Adapters.Local;
using AMA.Gateway.Smtp;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ama-sni-");

    [Fact]
    public async Task EachName_GetsItsCertificate_AndAnyOtherTheFirst()
    {
        var (one, two) = (Make("one.example"), Make("two.example"));
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { Certificates = [one.Path, two.Path] });
        Assert.Equal(two.Fingerprint, await ShownAsync(gateway, "two.example"));
        Assert.Equal(one.Fingerprint, await ShownAsync(gateway, "ONE.example"));
        Assert.Equal(SmtpUnderTest.Fingerprint, await ShownAsync(gateway, "three.example"));
        Assert.Equal(SmtpUnderTest.Fingerprint, await ShownAsync(gateway, ""));
    }

    [Fact]
    public async Task RenewedFile_ServesTheNextHandshake_AndABrokenOneDoesNot()
    {
        var time = new FakeTimeProvider();
        var (old, renewed) = (Make("one.example"), Make("one.example"));
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { Certificates = [old.Path] }, time);
        Assert.Equal(old.Fingerprint, await ShownAsync(gateway, "one.example"));
        File.Copy(renewed.Path, old.Path, overwrite: true);
        await UntilShownAsync(gateway, time, renewed.Fingerprint);
        File.WriteAllText(old.Path, "half a file");
        gateway.CheckCertificates();
        Assert.Equal(renewed.Fingerprint, await ShownAsync(gateway, "one.example"));
        File.Delete(old.Path);
        gateway.CheckCertificates();
        Assert.Equal(renewed.Fingerprint, await ShownAsync(gateway, "one.example"));
    }

    [Fact]
    public async Task BrokenFileAtTheStart_IsToldAtOnce()
    {
        var file = Path.Combine(_folder.FullName, "broken.pem");
        File.WriteAllText(file, "not a certificate");
        await Assert.ThrowsAnyAsync<Exception>(
            () => SmtpUnderTest.StartAsync(options => options with { Certificates = [file] }));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task ClientCertificate_IsAskedFor_AndPutOnRecord(bool asks)
    {
        var made = Make("client.example");
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { ClientCertificates = asks });
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        using var certificate = X509Certificate2.CreateFromPemFile(made.Path);
        await client.SecureAsync(options => options.ClientCertificates = [certificate]);
        await client.ExpectAsync("220");
        await client.AskAsync("EHLO x", "250");
        await client.AskAsync("MAIL FROM:<>", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        await client.AskAsync("DATA", "354");
        await client.AskAsync(".", "250");
        var trace = Assert.Single(gateway.Spool.Stored).Envelope.Trace;
        Assert.Equal(asks ? made.Fingerprint : null, trace.ClientCertificate);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256)]
    public async Task Threat_03_OldSuites_AreNotSpoken(TlsCipherSuite suite)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "suites can be chosen on Linux only");
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        await Assert.ThrowsAnyAsync<Exception>(() => client.SecureAsync(options =>
        {
            options.EnabledSslProtocols = SslProtocols.Tls12;
            if (OperatingSystem.IsLinux()) options.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
        }));
    }

    [Fact]
    public async Task Tls12_WithAModernSuite_IsSpoken()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        await client.SecureAsync(options => options.EnabledSslProtocols = SslProtocols.Tls12);
        await client.ExpectAsync("220");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task UntilShownAsync(SmtpUnderTest gateway, FakeTimeProvider time, string fingerprint)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            time.Advance(CertificateShelf.CheckInterval);
            if (await ShownAsync(gateway, "one.example") == fingerprint) return;
        }
        Assert.Fail("the renewed certificate was never shown");
    }

    private static async Task<string> ShownAsync(SmtpUnderTest gateway, string name)
    {
        var shown = "";
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        await client.SecureAsync(options =>
        {
            options.TargetHost = name;
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown = ((X509Certificate2)certificate!).GetCertHashString(
                    System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant();
                return true;
            };
        });
        return shown;
    }

    private (string Path, string Fingerprint) Make(string name)
    {
        var data = _folder.CreateSubdirectory(Path.GetRandomFileName());
        var made = SmtpCertificate.LoadOrCreate("", data.FullName, name, new DurableFiles(), TimeProvider.System);
        return (Path.Combine(data.FullName, "tls", "smtp.pem"), made.Fingerprint);
    }
}
