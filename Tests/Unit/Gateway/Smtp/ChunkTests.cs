using System.Net;
using System.Buffers;
using System.Text;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using CsCheck;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class ChunkTests
{
    [Theory]
    [InlineData("0", 0, false)]
    [InlineData("12 LAST", 12, true)]
    [InlineData("9223372036854775807 last", long.MaxValue, true)]
    [InlineData("007", 7, false)]
    public void Threat_04_Size_IsRead(string text, long octets, bool last)
    {
        Assert.True(Chunk.TryParse(Encoding.ASCII.GetBytes(text), out var chunk));
        Assert.Equal(new Chunk(octets, last), chunk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("9223372036854775808")]
    [InlineData("18446744073709551617")]
    [InlineData("1LAST")]
    [InlineData("1 LAST LAST")]
    [InlineData("1 2")]
    [InlineData("1.0")]
    public void Threat_04_SizeInDoubt_EndsTheSession(string text)
    {
        Assert.False(Chunk.TryParse(Encoding.ASCII.GetBytes(text), out _));
        var conversation = new SmtpConversation(new("x", 1_000, 100, 100), new FixedBook(), IPAddress.Loopback);
        var step = conversation.Take(Encoding.ASCII.GetBytes("BDAT " + text));
        Assert.Equal((Replies.BadChunk, SmtpAction.Close), (step.Reply, step.Action));
    }

    [Fact]
    public void Threat_04_ExactlyTheOctetsNamed_HoweverTheyAreCut() =>
        Gen.Select(Gen.Byte.Array[0, 50], Gen.Byte.Array[0, 10], Gen.Int[1, 9]).Sample((content, behind, cut) =>
        {
            byte[] wire = [.. content, .. behind];
            var reader = new ChunkReader(content.Length, new ContentGauge(1_000));
            var output = new ArrayBufferWriter<byte>();
            var at = 0;
            while (!reader.Ended) at += reader.Read(wire.AsSpan(at, Math.Min(cut, wire.Length - at)), output);
            Assert.Equal(content.Length, at);
            Assert.Equal(content, output.WrittenSpan.ToArray());
        });

    [Fact]
    public async Task Threat_04_CloseNotifyInAChunk_KeepsNothing()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using (var client = await RawClient.GreetedAsync(gateway.Ports.StartTls))
        {
            await client.AskAsync("MAIL FROM:<a@client.example>", "250");
            await client.AskAsync("RCPT TO:<journal@one.example>", "250");
            await client.SendAsync("BDAT 10 LAST\r\nhalf");
        }
        await gateway.UntilWaitingAsync(0);
        Assert.Empty(gateway.Spool.Stored);
    }

    [Fact]
    public async Task LargeChunks_StreamAndComeWhole()
    {
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await client.AskAsync("MAIL FROM:<a@client.example> BODY=BINARYMIME", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        var content = new byte[3 << 20];
        new Random(20261123).NextBytes(content);
        for (var at = 0; at < content.Length; at += 1 << 19)
        {
            await client.SendAsync($"BDAT {1 << 19}{(at + (1 << 19) == content.Length ? " LAST" : "")}\r\n");
            await client.SendAsync(content.AsMemory(at, 1 << 19));
            await client.ExpectAsync("250 2.0.0");
        }
        var stored = Assert.Single(gateway.Spool.Stored);
        Assert.Equal(content, stored.Raw);
        Assert.Equal(1, gateway.Spool.Streamed);
        Assert.True(stored.Envelope.Trace.Arrival.HasFlag(
            ArrivalFlags.BeginningOnly | ArrivalFlags.Chunked | ArrivalFlags.BinaryMime));
    }

    [Theory]
    [InlineData("a\r\nb\r\n", ArrivalFlags.None)]
    [InlineData("a\rb", ArrivalFlags.BareCr)]
    [InlineData("a\r", ArrivalFlags.BareCr)]
    [InlineData("\na", ArrivalFlags.BareLf)]
    [InlineData("\r\n\n", ArrivalFlags.BareLf)]
    [InlineData("\r\r\n", ArrivalFlags.BareCr)]
    [InlineData("\n\r", ArrivalFlags.BareCr | ArrivalFlags.BareLf)]
    public void Threat_01_BareLineEnds_AreFlagged_HoweverTheyAreCut(string text, ArrivalFlags expected)
    {
        var content = Encoding.ASCII.GetBytes(text);
        for (var cut = 0; cut <= content.Length; cut++)
        {
            var gauge = new ContentGauge(1_000);
            var output = new ArrayBufferWriter<byte>();
            gauge.Pass(content.AsSpan(0, cut), output);
            gauge.Pass(content.AsSpan(cut), output);
            Assert.Equal(expected, gauge.LineEnds(whole: true));
            Assert.Equal(content, output.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void LastCr_IsNotBare_WhileItsLfMayCome()
    {
        var gauge = new ContentGauge(1_000);
        gauge.Pass("a\r"u8, new ArrayBufferWriter<byte>());
        Assert.Equal(ArrivalFlags.None, gauge.LineEnds(whole: false));
    }
}
