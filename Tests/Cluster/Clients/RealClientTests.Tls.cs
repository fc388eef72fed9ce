using System.Text.Json;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

public sealed partial class RealClientTests
{
    /// <summary>What an operator's certificate decides, and what nobody can check without the Internet.</summary>
    private static readonly string[] OfTheCertificate =
        ["cert_chain_of_trust", "cert_trust", "cert_revocation", "cert_validityPeriod", "cert_expirationStatus"];

    /// <summary>A minute where nothing else runs, in full.</summary>
    private static readonly TimeSpan TestSslWithin = TimeSpan.FromMinutes(10);

    /// <summary>Protocols, ciphers, renegotiation, compression: what our own settings decide.</summary>
    [Fact]
    public Task Threat_03_TestSsl_FindsNothingAboveLow() => TestSslAsync("-p", "-s", "-R", "-C");

    /// <summary>All that it can test; minutes.</summary>
    [Fact(Explicit = true)]
    public Task TestSsl_InFull_FindsNothingAboveLow() => TestSslAsync();

    private async Task TestSslAsync(params string[] checks)
    {
        var findings = await Task.WhenAll(
            TestSslAsync(archive.Doors.StartTlsPort, ["-t", "smtp", .. checks]),
            TestSslAsync(archive.Doors.ImplicitTlsPort, checks));
        foreach (var port in findings)
        {
            Assert.DoesNotContain(port, IsAboveLow);
            foreach (var old in new[] { "SSLv2", "SSLv3", "TLS1", "TLS1_1" })
                Assert.StartsWith("not offered", port.Single(finding => finding.Id == old).Text);
            foreach (var good in new[] { "TLS1_2", "TLS1_3" })
                Assert.StartsWith("offered", port.Single(finding => finding.Id == good).Text);
        }
    }

    private static bool IsAboveLow(Finding finding) =>
        finding.Severity is "MEDIUM" or "HIGH" or "CRITICAL" or "FATAL"
        && !OfTheCertificate.Any(id => finding.Id.StartsWith(id, StringComparison.Ordinal));

    private async Task<Finding[]> TestSslAsync(int port, string[] checks)
    {
        var file = archive.Folder.At($"testssl-{port}.json");
        var said = await Tool.RunAsync(TestSslWithin, "testssl", "",
            [.. checks, "--color", "0", "--quiet", "--warnings", "off", "--nodns", "none", "--jsonfile", file, $"127.0.0.1:{port}"]);
        Assert.True(File.Exists(file), said.Output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        return
        [
            .. json.RootElement.EnumerateArray().Select(finding => new Finding(
                finding.GetProperty("id").GetString()!, finding.GetProperty("severity").GetString()!,
                finding.GetProperty("finding").GetString()!)),
        ];
    }

    private sealed record Finding(string Id, string Severity, string Text);

    /// <summary>A disk that fills up is told to senders before it is full, and to operators.</summary>
    [Fact]
    public async Task Threat_13_SpoolDiskNearlyFull_Is452_AndOverWhenThereIsRoom()
    {
        Assert.SkipWhen(archive.Disk is null, "nothing can be mounted here");
        await using var session = await archive.ConnectAsync(credentials: archive.Credentials);
        Task<string> SendAsync() => SendTextAsync(session, "nearlyfull");
        archive.Disk.FillBytes(leftPercent: 4);
        await WaitUntil.AnswerAsync("452", SendAsync, reply => reply.StartsWith("452 4.3.1", StringComparison.Ordinal));
        Assert.InRange((await archive.Operator.StatusAsync()).Spool.FreePercent!.Value, 0, 5);
        Assert.Null((await archive.Auditor.StatusAsync()).Spool.FreePercent);
        archive.Disk.Empty();
        await WaitUntil.AnswerAsync("250", SendAsync, reply => reply.StartsWith("250", StringComparison.Ordinal));
        await archive.ArchivedAsync("nearlyfull");
    }

    private static async Task<string> SendTextAsync(AMA.Adapters.Submission.SmtpSubmission session, string subject) =>
        (await session.SendAsync(
            RunningArchive.Sender, [ClientArchive.Journal], Eml.Of(subject, subject), CancellationToken.None)).ToString();
}
