using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AMA.Tests.Cluster.EndToEnd.World;
using MailKit.Security;
using MimeKit;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

/// <summary>
/// Programs that others wrote and customers use, against the real gateway, each checking our certificate and signing in.
/// </summary>
public sealed partial class RealClientTests(ClientArchive archive) : IClassFixture<ClientArchive>
{
    [Theory]
    [InlineData("STARTTLS", "PLAIN")]
    [InlineData("STARTTLS", "LOGIN")]
    [InlineData("TLS", "PLAIN")]
    public async Task Swaks_Delivers_AndIsToldItsReceipt(string tls, string mechanism)
    {
        var subject = $"swaks{tls}{mechanism}".ToLowerInvariant();
        var sent = await SwaksAsync(tls, mechanism, archive.Credentials.Password, subject);
        var (shown, raw) = await archive.ArchivedAsync(subject);
        Assert.Contains($"250 2.0.0 {Assert.Single(shown.Deliveries).Receipt}", sent.Good());
        Assert.Contains($"Subject: {subject}\r\n", Encoding.UTF8.GetString(raw));
        Assert.StartsWith("TLSv1.3", shown.Deliveries[0].Tls);
    }

    [Fact]
    public async Task Swaks_WithAWrongPassword_SendsNothing()
    {
        var refused = await SwaksAsync("STARTTLS", "PLAIN", "not the password", "swaksrefused");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("535 5.7.8", refused.Output);
    }

    [Theory]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    [InlineData("-tls1_3", false)]
    public async Task OpenSsl_VerifiesUs_AndDelivers(string version, bool startTls)
    {
        var subject = $"openssl{version[1..]}{startTls}".Replace("_", "").ToLowerInvariant();
        using var client = Tool.Start("openssl", [.. ClientOf(startTls), version, "-crlf", "-quiet"]);
        try
        {
            // With -starttls it has read the banner itself, and an EHLO's answer.
            if (!startTls) await ExpectAsync(client, "220 ");
            await AskAsync(client, "EHLO desk.acme.example", "250 ");
            await AskAsync(client, $"AUTH PLAIN {Plain()}", "235 ");
            await AskAsync(client, "MAIL FROM:<someone@acme.example>", "250 ");
            await AskAsync(client, $"RCPT TO:<{ClientArchive.Journal}>", "250 ");
            await AskAsync(client, "DATA", "354 ");
            await AskAsync(client, $"Subject: {subject}\n\n..one dot\n.", "250 2.0.0 ");
            await AskAsync(client, "QUIT", "221 ");
        }
        finally
        {
            client.Kill();
        }
        var (shown, raw) = await archive.ArchivedAsync(subject);
        Assert.Equal($"Subject: {subject}\r\n\r\n.one dot\r\n", Encoding.UTF8.GetString(raw));
        Assert.StartsWith(version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3", Assert.Single(shown.Deliveries).Tls);
    }

    [Theory, InlineData("-tls1"), InlineData("-tls1_1")]
    public async Task Threat_03_OpenSsl_GetsNoOldTls(string version)
    {
        // Its own rules would keep it from even trying.
        string[] arguments = [.. ClientOf(startTls: false), version, "-cipher", "ALL:@SECLEVEL=0"];
        var refused = await Tool.RunAsync("openssl", "", arguments);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Matches("has read [0-7] bytes and written [1-9]", refused.Output); // an alert at most
        Assert.Contains("Cipher is (NONE)", refused.Output);
    }

    [Theory]
    [InlineData(SecureSocketOptions.StartTls)]
    [InlineData(SecureSocketOptions.SslOnConnect)]
    public async Task MailKit_SignsIn_AndDeliversManyOverOneConnection(SecureSocketOptions tls)
    {
        var subject = $"mailkit{tls}".ToLowerInvariant();
        using var client = new MailKit.Net.Smtp.SmtpClient();
        client.CheckCertificateRevocation = false;
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => IsOurs(certificate!);
        var port = tls is SecureSocketOptions.StartTls ? archive.Doors.StartTlsPort : archive.Doors.ImplicitTlsPort;
        await client.ConnectAsync("localhost", port, tls);
        await client.AuthenticateAsync(archive.Credentials.User, archive.Credentials.Password);
        for (var i = 0; i < 3; i++)
        {
            using var message = new MimeMessage();
            message.Subject = $"{subject}{i}";
            // The last one streams; an address beyond ASCII makes the client use SMTPUTF8.
            message.Body = new TextPart("plain") { Text = i < 2 ? ".\n..\nzoë\n" : new string('x', 2 << 20) };
            await client.SendAsync(
                message, new MailboxAddress("", "zoë@acme.example"), [new MailboxAddress("", ClientArchive.Journal)]);
        }
        await client.DisconnectAsync(quit: true);
        for (var i = 0; i < 3; i++)
        {
            var (shown, raw) = await archive.ArchivedAsync($"{subject}{i}");
            Assert.Equal("zoë@acme.example", Assert.Single(shown.Deliveries).Sender);
            Assert.True(i < 2 || raw.Length > 2 << 20);
        }
    }

    private bool IsOurs(X509Certificate certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(archive.Authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var server = new X509Certificate2(certificate);
        return chain.Build(server) && server.MatchesHostname("localhost");
    }

    private Task<Tool> SwaksAsync(string tls, string mechanism, string password, string subject) => Tool.RunAsync(
        "swaks", "",
        [
            "--server", $"localhost:{(tls == "TLS" ? archive.Doors.ImplicitTlsPort : archive.Doors.StartTlsPort)}",
            tls == "TLS" ? "--tls-on-connect" : "--tls", "--tls-verify", "--tls-ca-path", archive.AuthorityFile,
            "--auth", mechanism, "--auth-user", archive.Credentials.User, "--auth-password", password,
            "--helo", "desk.acme.example", "--from", "someone@acme.example", "--to", ClientArchive.Journal,
            "--header", $"Subject: {subject}",
        ]);

    private string[] ClientOf(bool startTls)
    {
        var port = startTls ? archive.Doors.StartTlsPort : archive.Doors.ImplicitTlsPort;
        string[] always =
        [
            "s_client", "-connect", $"localhost:{port}", "-servername", "localhost", "-CAfile", archive.AuthorityFile,
            "-verify_return_error", "-verify_hostname", "localhost",
        ];
        return startTls ? [.. always, "-starttls", "smtp"] : always;
    }

    private string Plain() => Convert.ToBase64String(
        Encoding.UTF8.GetBytes($"\0{archive.Credentials.User}\0{archive.Credentials.Password}"));

    private static async Task AskAsync(Process client, string command, string reply)
    {
        await client.StandardInput.WriteLineAsync(command);
        await client.StandardInput.FlushAsync();
        await ExpectAsync(client, reply);
    }

    private static async Task ExpectAsync(Process client, string reply)
    {
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        string? line;
        do line = await client.StandardOutput.ReadLineAsync(limit.Token);
        while (line is { Length: > 3 } && (line[3] == '-' || line.StartsWith("250 ENHANCED", StringComparison.Ordinal)));
        Assert.True(line is not null, $"it ended: {await ErrorsAsync(client, line)}");
        Assert.StartsWith(reply, line);
    }

    private static async Task<string> ErrorsAsync(Process client, string? line) =>
        line is null ? await client.StandardError.ReadToEndAsync() : "";
}
