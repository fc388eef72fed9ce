using System.Net;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class LimitTests
{
    private const int Month = 30 * 24 * 3600;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Threat_07_AnOctetNowAndThen_DoesNotProlongACommand()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(time: _time);
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        foreach (var octet in "NOO")
        {
            await client.SendAsync(octet.ToString());
            await gateway.UntilWaitingAsync(1);
            _time.Advance(TimeSpan.FromSeconds(101));
        }
        await client.ExpectAsync("421 4.4.2 Nothing heard");
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task Threat_07_TricklingMessage_IsSentAway()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(time: _time);
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await BeginMessageAsync(client);
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync("x");
            await gateway.UntilWaitingAsync(1);
            _time.Advance(TimeSpan.FromSeconds(30));
        }
        await client.ExpectAsync("421 4.4.2 The message comes too slowly");
        await client.ExpectClosedAsync();
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public void Rate_CountsOnlyTheTimeWeWaited()
    {
        var rate = new ContentRate(_time, 100, TimeSpan.FromSeconds(60));
        rate.Begin();
        rate.WaitBegins();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(rate.IsTooSlow()); // the grace
        rate.WaitEnds(5_000);
        _time.Advance(TimeSpan.FromHours(1)); // our own store was slow
        rate.WaitBegins();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rate.IsTooSlow());
        rate.WaitEnds(1_200);
        rate.WaitBegins();
        Assert.False(rate.IsTooSlow());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(rate.IsTooSlow());
    }

    [Fact]
    public async Task OldSession_EndsBetweenTransactions_AndAtTwiceItsTimeAnywhere()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { IdleSeconds = 3_600, SessionSeconds = 600 }, _time);
        await using var idle = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await using var busy = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await busy.AskAsync("MAIL FROM:<a@client.example>", "250");
        await gateway.UntilWaitingAsync(2);
        _time.Advance(TimeSpan.FromSeconds(601));
        await idle.ExpectAsync("421 4.3.2 Session lasted too long");
        await busy.AskAsync("RCPT TO:<journal@one.example>", "250");
        await gateway.UntilWaitingAsync(1);
        _time.Advance(TimeSpan.FromSeconds(600));
        await busy.ExpectAsync("421 4.3.2 Session lasted too long");
        await busy.ExpectClosedAsync();
    }

    [Fact]
    public void Threat_08_RefusalsComeLaterAndLater()
    {
        var rules = new SmtpRules("x", 1_000, 100, ErrorsMax: 8) { TarpitMax = TimeSpan.FromSeconds(5) };
        var conversation = new SmtpConversation(rules, new FixedBook(), IPAddress.Loopback);
        var pauses = Enumerable.Range(0, 8).Select(_ => conversation.Take("XYZZY"u8).Pause.TotalSeconds);
        Assert.Equal([0, 0, 0, 1, 2, 4, 5, 5], pauses);
        var last = conversation.Take("XYZZY"u8);
        Assert.Equal((Replies.TooManyErrors, SmtpAction.Close), (last.Reply, last.Action));
    }

    [Fact]
    public async Task Threat_08_ARefusal_WaitsItsPause()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { TarpitSecondsMax = 100, IdleSeconds = Month, SessionSeconds = Month }, _time);
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        for (var i = 0; i < 3; i++) await client.AskAsync("XYZZY", "500");
        var before = _time.GetUtcNow();
        await client.SendAsync("XYZZY\r\n");
        await gateway.UntilBusyAsync(1);
        var answer = client.ExpectAsync("500 5.5.1");
        while (!answer.IsCompleted)
        {
            // Nobody sees from here when the pause begins, so time goes on in steps that meet no other limit.
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
        await answer;
        Assert.True(_time.GetUtcNow() > before);
    }

    [Fact]
    public void Threat_08_AMillionNoops_EndLongBefore()
    {
        var rules = new SmtpRules("x", 1_000, 100, 100) { CommandsMax = 5_000 };
        var conversation = new SmtpConversation(rules, new FixedBook(), IPAddress.Loopback);
        var taken = 0;
        while (taken < 1_000_000 && conversation.Take("NOOP"u8).Action == SmtpAction.Continue) taken++;
        Assert.Equal(5_000, taken);
    }

    [Fact]
    public void Threat_08_AMillionRecipients_KeepAThousand()
    {
        var conversation = new SmtpConversation(new("x", 1_000, 1_000, 100), new FixedBook(), IPAddress.Loopback);
        conversation.Secured();
        conversation.Take("EHLO x"u8);
        conversation.Take("MAIL FROM:<>"u8);
        for (var i = 0; i < 1_000_000; i++)
        {
            var reply = conversation.Take("RCPT TO:<journal@one.example>"u8).Reply;
            Assert.Equal(i < 1_000 ? Replies.RecipientOk : Replies.TooManyRecipients, reply);
        }
        Assert.Equal(1_000, conversation.Transaction!.Recipients.Count);
    }

    [Fact]
    public async Task Threat_07_OneAddress_GetsItsShare_AndGetsItBack()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => options with { ConnectionsPerAddressMax = 1 });
        await using (var first = await RawClient.ConnectAsync(gateway.Ports.StartTls))
        {
            await first.ExpectAsync("220");
            await using var second = await RawClient.ConnectAsync(gateway.Ports.StartTls);
            await second.ExpectAsync("421 4.7.0 Too many connections from your address");
            await second.ExpectClosedAsync();
        }
        await gateway.UntilWaitingAsync(0);
        await using var third = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await third.ExpectAsync("220");
        Assert.Equal(1, gateway.Sessions.Addresses);
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    public void Address_IsCountedWithItsNeighbours(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), OpenSessions.Counted(IPAddress.Parse(address)));

    private static async Task BeginMessageAsync(RawClient client)
    {
        await client.AskAsync("MAIL FROM:<a@client.example>", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        await client.AskAsync("DATA", "354");
    }
}
