using System.Buffers;
using System.Net;
using AMA.Gateway.Smtp;
using AMA.Gateway.Smtp.Protocol;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class ProxyTests
{
    private static readonly byte[] Signature = [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    private static readonly byte[] Nine =
        Head(0x21, 0x11, [203, 0, 113, 9, 192, 0, 2, 1, 0x30, 0x39, 0, 25, 0x20, 0, 1, 7]); // with a field behind

    private static readonly byte[] V6 = Head(
        0x21, 0x21, [.. IPAddress.Parse("2001:db8::9").GetAddressBytes(), .. new byte[16], 0, 1, 0, 2]);

    public static TheoryData<byte[], ProxyVerdict, string?> Heads => new()
    {
        { Nine, ProxyVerdict.Proxied, "203.0.113.9" },
        { V6, ProxyVerdict.Proxied, "2001:db8::9" },
        { Head(0x20, 0x00, []), ProxyVerdict.Local, null },
        { Head(0x20, 0x11, new byte[12]), ProxyVerdict.Local, null },
    };

    [Theory, MemberData(nameof(Heads))]
    public void WholeHead_IsTaken_AndNothingBehindIt(byte[] head, ProxyVerdict verdict, string? client)
    {
        var buffer = new ReadOnlySequence<byte>([.. head, .. "EHLO"u8]);
        Assert.Equal(verdict, ProxyHeader.Take(ref buffer, out var address));
        Assert.Equal(client, address?.ToString());
        Assert.Equal("EHLO"u8.ToArray(), buffer.ToArray());
        for (var cut = 0; cut < head.Length; cut++)
        {
            var part = new ReadOnlySequence<byte>(head, 0, cut);
            Assert.Equal(ProxyVerdict.Unfinished, ProxyHeader.Take(ref part, out _));
            Assert.Equal(cut, part.Length);
        }
    }

    public static TheoryData<byte[]> Broken => new()
    {
        "EHLO client.example\r\n"u8.ToArray(), "PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n"u8.ToArray(),
        Head(0x11, 0x11, new byte[12]), Head(0x22, 0x11, new byte[12]), Head(0x21, 0x11, new byte[11]),
        Head(0x21, 0x12, new byte[12]), Head(0x21, 0x31, new byte[216]), Head(0x21, 0x21, new byte[35]),
        Head(0x21, 0x00, []), Signature.Concat(new byte[] { 0x21, 0x11, 0x10, 0x01 }).ToArray(),
    };

    [Theory, MemberData(nameof(Broken))]
    public void AnythingElse_IsBroken(byte[] head)
    {
        var buffer = new ReadOnlySequence<byte>(head);
        Assert.Equal(ProxyVerdict.Broken, ProxyHeader.Take(ref buffer, out var client));
        Assert.Null(client);
    }

    [Fact]
    public async Task NamedBalancer_SpeaksForItsClient_InTheRecordAndInTheCount()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(
            options => Behind(options) with { ConnectionsPerAddressMax = 1 });
        await using var client = await RawClient.ConnectAsync(gateway.Ports.ImplicitTls);
        await client.SendAsync(Nine);
        await client.SecureAsync();
        await client.ExpectAsync("220");
        await using var other = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await other.SendAsync(V6);
        await other.ExpectAsync("220");
        await using var same = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await same.SendAsync(Nine);
        await same.ExpectAsync("421 4.7.0");
        await client.AskAsync("EHLO x", "250");
        await client.AskAsync("MAIL FROM:<>", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        await client.AskAsync("DATA", "354");
        await client.AskAsync(".", "250");
        Assert.Equal("203.0.113.9", Assert.Single(gateway.Spool.Stored).Envelope.Trace.ClientAddress);
    }

    [Fact]
    public async Task BalancerWithoutAHead_IsClosed()
    {
        await using var gateway = await SmtpUnderTest.StartAsync(Behind);
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.SendAsync("EHLO client.example\r\n");
        await client.ExpectClosedAsync();
    }

    [Fact]
    public async Task BalancerThatSaysNothing_IsClosed()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await SmtpUnderTest.StartAsync(Behind, time);
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.SendAsync(Nine.AsMemory(0, 10));
        var closed = client.ExpectClosedAsync();
        while (!closed.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(31)); // a sweep that meets the session at work passes it by
            await Task.Yield();
        }
        await closed;
    }

    [Fact]
    public async Task FromAnybodyElse_AHeadIsNoise()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.ConnectAsync(gateway.Ports.StartTls);
        await client.ExpectAsync("220");
        await client.SendAsync(Nine);
        var lines = new List<string>();
        while (await client.ReadLineAsync() is { } line) lines.Add(line);
        Assert.All(lines, line => Assert.StartsWith("5", line));
        Assert.NotEmpty(lines);
    }

    private static SmtpGatewayOptions Behind(SmtpGatewayOptions options) =>
        options with { ProxyFrom = [IPNetwork.Parse("192.0.2.0/28"), IPNetwork.Parse("127.0.0.0/8")] };

    private static byte[] Head(byte command, byte family, byte[] rest) =>
        [.. Signature, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
