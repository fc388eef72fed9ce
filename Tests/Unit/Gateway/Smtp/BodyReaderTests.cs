using System.Buffers;
using System.Text;
using System.Text.Json;
using AMA.Gateway.Smtp.Protocol;
using AMA.Tests.Fuzz.Targets;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class BodyReaderTests
{
    private const string Smuggled =
        "mail FROM:<smuggled@client.example>\r\nrcpt TO:<journal@two.example>\r\ndata\r\nSubject: smuggled\r\n\r\nx";

    /// <summary>From the corpus, and those of threat row 1 that it lacks.</summary>
    public static TheoryData<string, string> FalseEnds()
    {
        var data = new TheoryData<string, string>
        {
            { "crlf-dot-dot-crlf (stuffed)", "0d0a2e2e0d0a" },
            { "crlf-dot-space-crlf", "0d0a2e200d0a" },
            { "lf-dot-dot-lf", "0a2e2e0a" },
            { "crlf-dot-lf-dot-crlf", "0d0a2e0a2e0d0a" },
        };
        var file = Path.Combine(TestTree.Corpus, "smtp", "end-of-data-sequences.json");
        if (!File.Exists(file)) return data;
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var sequence in json.RootElement.GetProperty("sequences").EnumerateArray())
            data.Add(sequence.GetProperty("id").GetString()!, sequence.GetProperty("bytes_hex").GetString()!);
        return data;
    }

    [Theory, MemberData(nameof(FalseEnds))]
    public void Threat_01_FalseEndOfData_IsContent_HoweverItIsCut(string id, string hex)
    {
        _ = id;
        byte[] wire =
        [
            .. "Subject: outer\r\n\r\nbody"u8, .. Convert.FromHexString(hex), .. Encoding.ASCII.GetBytes(Smuggled),
            .. "\r\n.\r\n"u8,
        ];
        var expected = BodyModel.ContentOf(wire);
        for (var first = 0; first <= wire.Length; first++)
        {
            AssertReads(expected, wire, [first, wire.Length - first]);
            var second = Math.Min(first + 1, wire.Length); // a single byte between two pieces
            AssertReads(expected, wire, [first, second - first, wire.Length - second]);
        }
        AssertReads(expected, wire, Enumerable.Repeat(1, wire.Length));
    }

    [Theory, MemberData(nameof(FalseEnds))]
    public async Task Threat_01_FalseEndOfData_ThroughTheListener_IsOneMessage(string id, string hex)
    {
        _ = id;
        byte[] body =
        [
            .. "body"u8, .. Convert.FromHexString(hex), .. Encoding.ASCII.GetBytes(Smuggled), .. "\r\n.\r\n"u8,
        ];
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        await client.AskAsync("MAIL FROM:<a@client.example>", "250");
        await client.AskAsync("RCPT TO:<journal@one.example>", "250");
        await client.AskAsync("DATA", "354");
        await client.SendAsync(body);
        await client.ExpectAsync("250 2.0.0 ");
        await client.AskAsync("NOOP", "250 2.0.0 OK");
        Assert.Equal(BodyModel.ContentOf(body), Assert.Single(gateway.Spool.Stored).Raw);
    }

    /// <summary>One session, a message for each place at which the sequence can be cut in two.</summary>
    [Theory, MemberData(nameof(FalseEnds))]
    public async Task Threat_01_FalseEndOfData_ThroughTheListener_CutAtEveryOctet(string id, string hex)
    {
        _ = id;
        var sequence = Convert.FromHexString(hex);
        await using var gateway = await SmtpUnderTest.StartAsync();
        await using var client = await RawClient.GreetedAsync(gateway.Ports.StartTls);
        for (var cut = 0; cut <= sequence.Length; cut++)
        {
            await client.AskAsync("MAIL FROM:<a@client.example>", "250");
            await client.AskAsync("RCPT TO:<journal@one.example>", "250");
            await client.AskAsync("DATA", "354");
            byte[] before = [.. "body"u8, .. sequence[..cut]];
            byte[] behind = [.. sequence[cut..], .. Encoding.ASCII.GetBytes(Smuggled), .. "\r\n.\r\n"u8];
            await client.SendAsync(before);
            await gateway.UntilWaitingAsync(1);
            await client.SendAsync(behind);
            await client.ExpectAsync("250 2.0.0 ");
            Assert.Equal(BodyModel.ContentOf([.. before, .. behind]), gateway.Spool.Stored[^1].Raw);
        }
        Assert.Equal(sequence.Length + 1, gateway.Spool.Stored.Count);
    }

    [Fact]
    public void RandomOctets_CutAtRandom_AgreeWithTheModel()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        var alphabet = "\r\n.x\0"u8.ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            byte[] content = [.. random.GetItems(alphabet, random.Next(0, 24)), .. "\r\n.\r\n"u8];
            var wire = content.AsSpan(0, BodyModel.LengthOf(content)).ToArray();
            var cuts = new List<int>();
            for (var left = wire.Length; left > 0; left -= cuts[^1]) cuts.Add(random.Next(1, left + 1));
            AssertReads(BodyModel.ContentOf(wire), wire, cuts);
        }
    }

    [Fact]
    public void WhatFollowsTheDot_IsNotRead()
    {
        var reader = new BodyReader(new ContentGauge(100));
        var read = reader.Read("a\r\n.\r\nQUIT\r\n"u8, new ArrayBufferWriter<byte>());
        Assert.True(reader.Ended);
        Assert.Equal(6, read);
    }

    [Theory, InlineData(4, false), InlineData(3, true)]
    public void BeyondTheLimit_IsDroppedButReadToTheDot(int bytesMax, bool tooLarge)
    {
        var gauge = new ContentGauge(bytesMax);
        var reader = new BodyReader(gauge);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(9, reader.Read("ab\r\n.\r\nzz"u8[..7], output) + 2);
        Assert.True(reader.Ended);
        Assert.Equal(4, gauge.Length);
        Assert.Equal(tooLarge, gauge.IsTooLarge);
    }

    [Fact]
    public void AllOctets_AreKept()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        AssertReads([.. all, .. "\r\n"u8], [.. all, .. "\r\n.\r\n"u8], [300]);
    }

    private static void AssertReads(byte[] expected, byte[] wire, IEnumerable<int> pieces)
    {
        var reader = new BodyReader(new ContentGauge(long.MaxValue));
        var output = new ArrayBufferWriter<byte>();
        var at = 0;
        foreach (var piece in pieces)
        {
            Assert.False(reader.Ended && at < wire.Length, $"ended at {at} of {wire.Length}");
            at += reader.Read(wire.AsSpan(at, Math.Min(piece, wire.Length - at)), output);
        }
        Assert.True(reader.Ended);
        Assert.Equal(wire.Length, at);
        Assert.Equal(expected, output.WrittenSpan.ToArray());
    }
}
