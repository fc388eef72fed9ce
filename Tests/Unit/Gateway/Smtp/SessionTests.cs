using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class SessionTests
{
    [Fact]
    public async Task Threat_02_CommandInTheSameSegmentAsStartTls_IsRefused_AndTheConnectionClosed()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.ExpectAsync("220");
        await client.SendAsync("STARTTLS\r\nEHLO injected.example\r\n");
        await client.ExpectAsync("554 5.5.0");
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task Threat_02_CommandInASegmentOfItsOwn_BeforeTheHandshake_EndsTheConnection()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.ExpectAsync("220");
        await client.AskAsync("STARTTLS", "220 2.0.0");
        await client.SendAsync("EHLO injected.example\r\nMAIL FROM:<injected@client.example>\r\n");
        // A TLS alert may come, but no reply.
        while (await client.ReadLineAsync() is { } line) Assert.DoesNotMatch(@"^\d\d\d[ -]", line);
    }

    [Fact]
    public async Task Threat_05_EverythingAtOnce_IsSentAway()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { BannerDelayMilliseconds = 9_000 });
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.SendAsync("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<journal@one.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
        await client.ExpectAsync("554 5.5.0");
        await client.ExpectClosedAsync();
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task Threat_03_WithoutTls_NoMailBegins()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.ExpectAsync("220");
        await client.AskAsync("EHLO client.example", "250 STARTTLS");
        await client.AskAsync("MAIL FROM:<a@client.example>", "530 5.7.0");
        await client.AskAsync("RCPT TO:<journal@one.example>", "530 5.7.0");
        await client.AskAsync("DATA", "530 5.7.0");
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task Threat_06_EndlessCommand_IsCutOff()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.ExpectAsync("220");
        await client.SendAsync(new string('x', 4_096));
        await client.ExpectAsync("500 5.5.2 Line without end");
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task Threat_06_HugeHeader_IsTakenWhole_AndNotHeldInMemory()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        var piece = new byte[1 << 20];
        Array.Fill(piece, (byte)'h');
        await client.SendAsync("Subject: ");
        for (var i = 0; i < 20; i++) await client.SendAsync(piece);
        await client.SendAsync("\r\n\r\n.\r\n");
        await client.ExpectAsync("250 2.0.0");
        Assert.Equal(20 * piece.Length + 13, Assert.Single(gateway.Spool.Stored).Raw.Length);
        Assert.Equal(1, gateway.Spool.Streamed);
    }

    [Fact]
    public async Task MemoryBudget_Exceeded_StreamsSmallMessagesToo()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(options => options with { HeldBytesMax = 0 });
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        await client.SendAsync(new byte[200_000]);
        await client.SendAsync("\r\n.\r\n");
        await client.ExpectAsync("250 2.0.0");
        Assert.Equal(1, gateway.Spool.Streamed);
        Assert.Equal(200_002, Assert.Single(gateway.Spool.Stored).Raw.Length);
    }

    [Fact]
    public async Task SpoolFailsWhileStreaming_TheMessageIsReadToItsEnd_AndPutOff()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        gateway.Spool.Fails = true;
        await client.SendAsync(new byte[3 << 20]);
        await client.SendAsync("\r\nQUIT\r\n.\r\n");
        await client.ExpectAsync("451 4.3.0");
        await client.AskAsync("NOOP", "250");
    }

    [Fact]
    public async Task ClientGoneInTheMiddle_StoresNothing()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using (var client = await RawClient.GreetedAsync(gateway.Ports.StartTls))
        {
            await BeginMessageAsync(client);
            await client.SendAsync("half a message\r\n");
        }
        await gateway.StopAsync();
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task Trace_SaysHowTheMessageCame()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await client.AskAsync("MAIL FROM:<A@client.example> SIZE=7 BODY=8BITMIME SMTPUTF8", "250");
        await client.AskAsync("RCPT TO:<Journal@one.EXAMPLE>", "250");
        await client.AskAsync("DATA", "354");
        await client.AskAsync("x\r\n.", "250");
        var envelope = Assert.Single(gateway.Spool.Stored).Envelope;
        Assert.Equal((FixedBook.One, "A@client.example"), (envelope.Tenant, envelope.Sender));
        Assert.Equal("Journal@one.EXAMPLE", Assert.Single(envelope.Recipients).Address);
        var trace = envelope.Trace;
        Assert.Equal(("127.0.0.1", "client.example", "TLSv1.3"), (trace.ClientAddress, trace.Helo, trace.TlsProtocol));
        Assert.StartsWith("TLS_", trace.TlsCipher);
        Assert.Equal((true, true, 7L), (trace.SmtpUtf8, trace.EightBitMime, trace.DeclaredSize));
        Assert.Equal(0, trace.AcceptedAt.Ticks % TimeSpan.TicksPerMillisecond);
    }

    [Fact]
    public async Task SilentClient_IsSentAway()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(time: time);
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await gateway.UntilWaitingAsync(1);
        time.Advance(TimeSpan.FromSeconds(301));
        await client.ExpectAsync("421 4.4.2");
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task SilentInTheMiddleOfAMessage_IsSentAway()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(time: time);
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        await gateway.UntilWaitingAsync(1);
        time.Advance(TimeSpan.FromSeconds(301));
        await client.ExpectAsync("421 4.4.2");
        await client.ExpectClosedAsync();
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task SilentInTheHandshake_IsCutOff()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(time: time);
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        await gateway.UntilWaitingAsync(1);
        time.Advance(TimeSpan.FromSeconds(31));
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task FullHouse_TurnsAway_AndOpensAgain()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(options => options with { ConnectionsMax = 1 });
        await using (var first = await RawClient.ConnectAsync(gateway.Ports.StartTls))
        {
            await first.ExpectAsync("220");
            await using var second = await RawClient.ConnectAsync(gateway.Ports.StartTls);
            await second.ExpectAsync("421 4.3.2 Too many connections");
            await second.ExpectClosedAsync();
            await first.AskAsync("QUIT", "221");
            await first.ExpectClosedAsync();
        }
        await gateway.UntilWaitingAsync(0);
        await using var third = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await third.ExpectAsync("220");
    }

    [Fact]
    public async Task Stopping_LetsTheTransactionFinish_AndSendsTheIdleAway()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var idle = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await using var busy = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(busy);
        var stopping = gateway.StopAsync();
        await idle.ExpectAsync("421 4.3.2 Shutting down");
        await idle.ExpectClosedAsync();
        await busy.AskAsync("x\r\n.", "250 2.0.0");
        await busy.ExpectAsync("421 4.3.2");
        await stopping;
        Assert.Single(gateway.Spool.Stored);
    }

    /// <summary>One stalls in its message, one between two commands: stopping doesn't wait for them for ever.</summary>
    [Fact]
    public async Task Stopping_TellsTheUnfinished_AfterItsTime()
    {
        const int stopSeconds = 200; // real ones too, before the host gives the sessions up
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(options => options with
        {
            StopSecondsMax = stopSeconds, IdleSeconds = 3_600, MinimumBytesPerSecond = 0,
        }, time);
        await using var within = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await using var between = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(within);
        await within.SendAsync("half a li");
        await between.AskAsync("MAIL FROM:<a@client.example>", "250");
        var stopping = gateway.StopAsync();
        foreach (var client in new[] { within, between })
            await time.WhileSecondsPassAsync(client.ExpectAsync("421 4.3.2 Shutting down"), stopSeconds);
        await stopping;
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task UnexpectedFault_Is421_NeverA5xx()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        gateway.Spool.Breaks = true;
        await client.AskAsync("x\r\n.", "421 4.3.0");
        await client.ExpectClosedAsync();
    }

    private static async Task BeginMessageAsync(RawClient client)
    {
        await client.AskAsync("MAIL FROM:<a@client.example>", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        await client.AskAsync("DATA", "354");
    }
}
