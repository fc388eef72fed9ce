using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Cli;

public sealed class SendTests : IAsyncLifetime
{
    private readonly CommandUnderTest _ama = new();
    private readonly FakeSmtp _server = new();

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _ama.Dispose();
    }

    [Fact]
    public async Task Delivers_WithReceiptsOfTheBytesSent()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\n.dot\r\n");
        _ama.WriteFile("mail/b.eml", "Subject: b\n\nbare line ends\n");
        var receipts = Path.Combine(_ama.Folder, "receipts");
        Assert.Equal(0, await SendAsync("--receipts", receipts, "--connections", "1"));
        Assert.Equal("Subject: a\r\n\r\n.dot\r\n", Encoding.Latin1.GetString(_server.Messages[0]));
        Assert.Equal("Subject: b\r\n\r\nbare line ends\r\n", Encoding.Latin1.GetString(_server.Messages[1]));
        var lines = File.ReadAllLines(receipts).Select(line => line.Split('\t')).ToArray();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_server.Messages[i])), lines[i][1]);
            Assert.Equal(("delivered", $"receipt-{i + 1}"), (lines[i][2], lines[i][3]));
        }
        Assert.StartsWith("2 delivered, 0 refused, 0 put off, 0 skipped", _ama.Out);
        Assert.Equal("", _ama.Error);
    }

    [Fact]
    public async Task ManyConnections_DeliverEachMessageOnce()
    {
        for (var i = 0; i < 100; i++) _ama.WriteFile($"mail/{i}.eml", $"Subject: {i}\r\n\r\nx\r\n");
        Assert.Equal(0, await SendAsync("--connections", "8", "--json"));
        Assert.Equal(100, (int)JsonNode.Parse(_ama.Out)!["delivered"]!);
        Assert.Equal(100, _server.Messages.Select(Encoding.Latin1.GetString).Distinct().Count());
    }

    [Fact]
    public async Task NoSource_IsToldHowToSignIn()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _server.Reply = _ => "530 5.7.0 Authentication required";
        Assert.Equal(1, await SendAsync());
        Assert.Contains("--user, or AMA_SMTP_USER", _ama.Error);
    }

    [Fact]
    public async Task PutOffOrCutOff_IsTriedAgainLaterAndLater()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _server.Reply = number => number switch { 1 => "451 4.3.0 later", 2 => null, _ => "250 2.0.0 done" };
        Assert.Equal(0, await SendAsync());
        Assert.Equal(3, _server.Messages.Length);
        var waits = ((ImpatientTime)_ama.Time).Waits;
        Assert.Contains(TimeSpan.FromSeconds(0.5), waits);
        Assert.Contains(TimeSpan.FromSeconds(1), waits);
    }

    [Fact]
    public async Task PutOffToTheEnd_Exits4()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _server.Reply = _ => "452 4.3.1 full";
        Assert.Equal(4, await SendAsync("--retries", "2"));
        Assert.Equal(3, _server.Messages.Length);
        Assert.Contains("put-off", _ama.Error);
        Assert.Contains("452 4.3.1 full", _ama.Error);
    }

    [Fact]
    public async Task Refused_IsNotTriedAgain_AndExits1()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _ama.WriteFile("mail/b.eml", "Subject: b\r\n\r\nx\r\n");
        _server.Reply = number => number == 1 ? "552 5.3.4 too large" : "250 2.0.0 ok";
        Assert.Equal(1, await SendAsync("--connections", "1"));
        Assert.Equal(2, _server.Messages.Length);
        Assert.Contains("1 delivered, 1 refused", _ama.Out);
    }

    [Fact]
    public async Task ServerInTrouble_StopsTheRun()
    {
        for (var i = 0; i < 60; i++) _ama.WriteFile($"mail/{i}.eml", $"Subject: {i}\r\n\r\nx\r\n");
        _server.Reply = _ => "451 4.3.0 no";
        Assert.Equal(4, await SendAsync("--retries", "0", "--connections", "1"));
        Assert.Equal(20, _server.Messages.Length);
        Assert.Contains("The rest was not tried", _ama.Error);
    }

    [Fact]
    public async Task UnknownServer_GetsNothing_AndExits2()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        var other = new string('0', 64);
        Assert.Equal(2, await _ama.RunAsync("send", Path.Combine(_ama.Folder, "mail"), "--to", "j@acme.test",
            "--implicit-tls", "--server", _server.Address, "--tls-fingerprint", other));
        Assert.Empty(_server.Messages);
        Assert.Contains("--tls-fingerprint", _ama.Error);
    }

    [Fact]
    public async Task NobodyThere_Exits4()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        Assert.Equal(4, await _ama.RunAsync("send", Path.Combine(_ama.Folder, "mail"), "--to", "j@acme.test",
            "--server", "127.0.0.1:1", "--insecure", "--retries", "1"));
        Assert.Contains("0 delivered, 0 refused, 1 put off", _ama.Out);
    }

    [Fact]
    public async Task Resume_LeavesOutWhatWasDelivered()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _ama.WriteFile("mail/b.eml", "Subject: b\r\n\r\nx\r\n");
        var receipts = Path.Combine(_ama.Folder, "receipts");
        _server.Reply = number => number == 2 ? "451 4.3.0 later" : "250 2.0.0 ok";
        Assert.Equal(4, await SendAsync("--receipts", receipts, "--connections", "1", "--retries", "0"));
        Assert.Equal(0, await SendAsync("--receipts", receipts, "--resume", "--connections", "1"));
        Assert.Equal(3, _server.Messages.Length);
        Assert.Contains("1 delivered, 0 refused, 0 put off, 0 skipped", _ama.Out);
        Assert.Contains("1 delivered before", _ama.Out);
    }

    [Fact]
    public async Task FilesThatAreNoMail_AreSkippedAndNamed()
    {
        _ama.WriteFile("mail/a.eml", "Subject: a\r\n\r\nx\r\n");
        _ama.WriteFile("mail/README", "about this folder");
        Assert.Equal(0, await SendAsync());
        Assert.Contains("1 delivered, 0 refused, 0 put off, 1 skipped", _ama.Out);
        Assert.Contains("README", _ama.Error);
    }

    [Fact]
    public async Task MailThatStaysBehind_Exits1AndIsNamed()
    {
        _ama.WriteFile("mail/a.mbox", "stray text\n\nFrom a@b Thu Jan  1 00:00:00 2026\nSubject: a\n\nx\n");
        Assert.Equal(1, await SendAsync());
        Assert.Contains("1 delivered, 0 refused, 0 put off, 0 skipped", _ama.Out);
        Assert.Contains("1 unsent", _ama.Out);
        Assert.Contains("unsent: ", _ama.Error);
    }

    [Fact]
    public async Task BrokenSource_Exits1_AfterAllThatWasReadHasBeenSent()
    {
        for (var i = 0; i < 3; i++) _ama.WriteFile($"mail/{i}.eml", $"Subject: {i}\r\n\r\nx\r\n");
        File.WriteAllBytes(Path.Combine(_ama.Folder, "mail", "z.tar.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff]);
        Assert.Equal(1, await SendAsync("--connections", "1"));
        Assert.Contains("3 delivered", _ama.Out);
        Assert.Contains("A source cannot be read", _ama.Error);
    }

    private Task<int> SendAsync(params string[] more) => _ama.RunAsync([
        "send", Path.Combine(_ama.Folder, "mail"), "--to", "journal@acme.test", "--implicit-tls",
        "--server", _server.Address, "--tls-fingerprint", _server.Fingerprint, .. more]);
}
