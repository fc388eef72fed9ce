using System.Net;
using System.Net.Sockets;
using System.Text;
using AMA.Adapters.Submission;
using AMA.Tests.Unit.Gateway.Smtp;
using Xunit;

namespace AMA.Tests.Unit.Adapters.Submission;

public sealed class SmtpSubmissionTests
{
    private static readonly byte[] Small = "Subject: x\r\n\r\nbody\r\n"u8.ToArray();

    [Theory, InlineData(SubmissionTls.StartTls), InlineData(SubmissionTls.Implicit)]
    public async Task Message_ArrivesExactly_AndItsReceiptComesBack(SubmissionTls tls)
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway, tls);
        var reply = await session.SendAsync("a@client.example", ["journal@one.example"], Small, default);
        Assert.True(reply.Accepted);
        Assert.Equal((250, "2.0.0", 32), (reply.Code, reply.EnhancedCode, reply.Text.Length));
        Assert.Equal(Small, Assert.Single(gateway.Spool.Stored).Raw);
        Assert.True(session.IsUsable);
    }

    [Fact]
    public async Task AnyOctets_ArriveExactly_InMemoryAndStreamed()
    {
        const int seed = 77;
        var random = new Random(seed);
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        for (var round = 0; round < 200; round++)
        {
            byte[] raw = [.. random.GetItems("\r\n.\0x\xff"u8, random.Next(0, 200)), .. "\r\n"u8];
            var reply = round % 2 == 0
                ? await session.SendAsync("", ["journal@one.example"], raw, default)
                : await session.SendAsync("", ["journal@one.example"], new MemoryStream(raw), default);
            Assert.True(reply.Accepted);
            Assert.Equal(raw, gateway.Spool.Stored[round].Raw);
        }
    }

    [Fact]
    public async Task LargeMessage_StreamsWithItsSizeAnnounced()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        var raw = new byte[5 << 20];
        new Random(1).NextBytes(raw);
        raw = CrlfForm.Of(raw).ToArray();
        Assert.True((await session.SendAsync("", ["journal@one.example"], new MemoryStream(raw), default)).Accepted);
        var stored = Assert.Single(gateway.Spool.Stored);
        Assert.Equal(raw, stored.Raw);
        Assert.Equal(raw.Length, stored.Envelope.Trace.DeclaredSize);
    }

    [Fact]
    public async Task MissingLastLineEnd_IsAdded_AndNothingElse()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        await session.SendAsync("", ["journal@one.example"], "a\nb\rc"u8.ToArray(), default);
        await session.SendAsync("", ["journal@one.example"], ReadOnlyMemory<byte>.Empty, default);
        Assert.Equal("a\nb\rc\r\n"u8.ToArray(), gateway.Spool.Stored[0].Raw);
        Assert.Empty(gateway.Spool.Stored[1].Raw);
    }

    [Theory]
    [InlineData("nobody@one.example", 550)]
    [InlineData("journal@one.example nobody@one.example", 550)]
    [InlineData("journal@one.example journal@two.example", 452)]
    public async Task RefusedRecipient_RefusesTheWholeMessage_AndTheSessionGoesOn(string recipients, int code)
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        Assert.Equal(code, (await session.SendAsync("", recipients.Split(' '), Small, default)).Code);
        Assert.Empty(gateway.Spool.Stored);
        var both = await session.SendAsync("", ["journal@one.example", "more@one.example"], Small, default);
        Assert.True(both.Accepted);
        Assert.Equal(2, Assert.Single(gateway.Spool.Stored).Envelope.Recipients.Count);
    }

    [Fact]
    public async Task PutOff_IsAReply_AndTheNextMessageIsTaken()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        gateway.Spool.Fails = true;
        var reply = await session.SendAsync("", ["journal@one.example"], Small, default);
        Assert.True(reply.Transient);
        gateway.Spool.Fails = false;
        Assert.True((await session.SendAsync("", ["journal@one.example"], Small, default)).Accepted);
    }

    [Fact]
    public async Task AddressBeyondAscii_GoesWithSmtpUtf8()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        Assert.True((await session.SendAsync("zoë@client.example", ["zoë@one.example"], Small, default)).Accepted);
        Assert.Equal("zoë@client.example", Assert.Single(gateway.Spool.Stored).Envelope.Sender);
    }

    [Fact]
    public async Task WrongFingerprint_OrUntrustedAuthority_IsRefused_ForGood()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        foreach (var trust in new[] { ServerTrust.Fingerprint(new string('0', 64)), ServerTrust.System })
        {
            var fault = await Assert.ThrowsAsync<SubmissionException>(() => ConnectAsync(gateway, trust: trust));
            Assert.False(fault.Transient);
        }
    }

    [Fact]
    public async Task AddressThatWouldBreakOut_IsNeverSent()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        foreach (var (from, to) in new[] { ("a>\r\nRSET", "journal@one.example"), ("", "a@b\r\nRSET") })
            await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(from, [to], Small, default));
        Assert.True((await session.SendAsync("", ["journal@one.example"], Small, default)).Accepted);
    }

    [Fact]
    public async Task NobodyThere_IsTransient()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var target = new SubmissionTarget { Host = "127.0.0.1", Port = port };
        var fault = await Assert.ThrowsAsync<SubmissionException>(() => SmtpSubmission.ConnectAsync(target, default));
        Assert.True(fault.Transient);
    }

    [Theory]
    [InlineData("220 hi\r\n|250 no extensions\r\n", "STARTTLS")]
    [InlineData("554 go away\r\n", "554 go away")]
    [InlineData("220 hi\r\n|250-hi\r\n250 STARTTLS\r\n|220 go\r\n250 injected\r\n", "talks into the TLS handshake")]
    [InlineData("220 hi\r\n|garbage\r\n", "no SMTP reply")]
    [InlineData("220 hi\r\n|", "closed")]
    public async Task ServerThatMisbehaves_IsLeft(string script, string message)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, script.Split('|'));
        var target = new SubmissionTarget { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port };
        var fault = await Assert.ThrowsAsync<SubmissionException>(() => SmtpSubmission.ConnectAsync(target, default));
        Assert.Contains(message, fault.Message);
        await serving;
    }

    [Fact]
    public async Task OddCorpus_ComesThroughByteForByte()
    {
        var folder = Path.Combine(TestTree.Corpus, "odd");
        Assert.SkipUnless(Directory.Exists(folder), "no corpus here");
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var session = await ConnectAsync(gateway);
        var sent = 0;
        await foreach (var message in MessageSources.EnumerateAsync([folder], new MessageSourceOptions(), default))
        {
            var form = CrlfForm.Of(message.Bytes);
            var reply = await session.SendAsync("a@client.example", ["journal@one.example"], form, default);
            Assert.True(reply.Accepted, $"{message.Name}: {reply}");
            Assert.True(form.Span.SequenceEqual(gateway.Spool.Stored[sent++].Raw), message.Name);
        }
        Assert.InRange(sent, 800, 2_000);
    }

    private static Task<SmtpSubmission> ConnectAsync(
        SmtpUnderTest gateway, SubmissionTls tls = SubmissionTls.StartTls, ServerTrust? trust = null) =>
        SmtpSubmission.ConnectAsync(
            new SubmissionTarget
            {
                Host = "127.0.0.1",
                Port = tls == SubmissionTls.Implicit ? gateway.Ports.ImplicitTls : gateway.Ports.StartTls,
                Tls = tls,
                Trust = trust ?? ServerTrust.Fingerprint(SmtpUnderTest.Fingerprint),
                EhloName = "client.example",
            },
            default);

    /// <summary>Says one piece, then one after each line that comes, and closes.</summary>
    private static async Task ServeAsync(TcpListener listener, string[] pieces)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(piece));
            if (piece.Length > 0 && piece != pieces[^1]) await reader.ReadLineAsync();
        }
    }
}
