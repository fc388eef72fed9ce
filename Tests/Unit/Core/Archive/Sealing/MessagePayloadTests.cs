using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

public class MessagePayloadTests
{
    private static readonly byte[] Key = SHA256.HashData("leaf key"u8);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_900)]
    [InlineData(300_000)]
    [InlineData(5_000_000)]
    public async Task EveryWayOfEncoding_DecodesInEveryWay(int length)
    {
        var raw = Samples.Mail(length, length);
        await AssertBothWays(raw);
        await AssertBothWays(new SeededRandom(length).NextBytes(length));
    }

    [Fact]
    public void MailShrinks_NoiseStaysAsItIs()
    {
        var random = new SeededRandom(1);
        var mail = Samples.Mail(4000, 1);
        Assert.True(MessagePayload.Encode(Samples.Preamble(mail, random), mail, out var compression).Length < 2200);
        Assert.Equal(AmaCompression.Zstd, compression);
        var noise = random.NextBytes(4000);
        MessagePayload.Encode(Samples.Preamble(noise, random), noise, out compression);
        Assert.Equal(AmaCompression.None, compression);
    }

    /// <summary>Row 15's class, inside a seal: the stated size is refused before memory is spent on it.</summary>
    [Fact]
    public void Threat_15_Bomb_IsRefusedBeforeItInflates()
    {
        var raw = new byte[64 << 20];
        var payload = MessagePayload.Encode(Samples.Preamble(raw, new SeededRandom(2)), raw, out var compression);
        Assert.True(payload.Length < 64 << 10);
        var header = Samples.Header(compression: compression);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(SealFault.Limit, Samples.FaultOf(() => MessagePayload.Decode(header, payload, 1 << 20)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void PreambleOfAnotherMessage_IsRefused()
    {
        var mail = Samples.Mail(100, 3);
        var preamble = Samples.Preamble(mail, new SeededRandom(3));
        Assert.Equal(SealFault.Content, Samples.FaultOf(() => MessagePayload.Encode(preamble, mail.AsSpan(1), out _)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(0)]
    public void MessageThatChangedBetweenPasses_IsNeverFinished(int more)
    {
        var raw = Samples.Mail(40_000, 4);
        var preamble = Samples.Preamble(raw, new SeededRandom(4));
        var changed = new byte[raw.Length + more];
        raw.AsSpan(0, Math.Min(raw.Length, changed.Length)).CopyTo(changed);
        changed[100] ^= 1;
        var target = new ArrayBufferWriter<byte>();
        using var seal = SealedMessage.BeginSeal(Key, Samples.Header(compression: 1), new SeededRandom(5), target);
        using var writer = new PayloadWriter(preamble, seal);
        Assert.Equal(SealFault.Content, Samples.FaultOf(() =>
        {
            writer.Write(changed);
            writer.Finish();
        }));
    }

    /// <summary>The compressors are pooled; one that two threads used at a time would mix their messages.</summary>
    [Fact]
    public void ManyThreads_NeverMixMessages()
    {
        var seeds = Enumerable.Range(0, 400);
        Parallel.ForEach(seeds, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed =>
        {
            var raw = Samples.Mail(2_000 + seed * 10, seed);
            var preamble = Samples.Preamble(raw, new SeededRandom(seed));
            var payload = MessagePayload.Encode(preamble, raw, out var compression);
            var opened = MessagePayload.Decode(Samples.Header(compression: compression), payload);
            Assert.True(raw.AsSpan().SequenceEqual(opened.Raw.Span), $"seed {seed}");
        });
    }

    [Fact]
    public void Delivery_RepeatsHashAndLength_AndHoldsNoMessage()
    {
        var raw = Samples.Mail(5000, 6);
        var preamble = Samples.Preamble(raw, new SeededRandom(6));
        var payload = MessagePayload.EncodeDelivery(preamble, out var compression);
        var header = Samples.Header(compression: compression, flags: AmaFlags.DeliveryOnly);
        var opened = MessagePayload.Decode(header, payload);
        Assert.Equal(0, opened.Raw.Length);
        Assert.Equal(preamble.RawSha256, opened.Preamble.RawSha256);
        Assert.Equal(raw.Length, opened.Preamble.RawLength);
        Assert.InRange(payload.Length, 1, 400);
    }

    [Fact]
    public void ContentCommit_TellsNothingWithoutTheOpening()
    {
        var hash = SHA256.HashData("raw"u8);
        var one = MessagePayload.ContentCommit(new byte[32], hash);
        var other = MessagePayload.ContentCommit(SHA256.HashData("opening"u8), hash);
        Assert.NotEqual(one, other);
        Assert.Equal(one, MessagePayload.ContentCommit(new byte[32], hash));
    }

    private static async Task AssertBothWays(byte[] raw)
    {
        var preamble = Samples.Preamble(raw, new SeededRandom(raw.Length));
        var payload = MessagePayload.Encode(preamble, raw, out var compression);
        await AssertOpens(raw, preamble, compression, payload);
        await AssertOpens(raw, preamble, AmaCompression.Zstd, Stream(raw, preamble));
    }

    private static byte[] Stream(byte[] raw, Preamble preamble)
    {
        var target = new ArrayBufferWriter<byte>();
        using var seal = SealedMessage.BeginSeal(Key, Samples.Header(compression: 1), new SeededRandom(7), target);
        using var writer = new PayloadWriter(preamble, seal);
        foreach (var piece in raw.Chunk(70_000)) writer.Write(piece);
        writer.Finish();
        return SealedMessage.Open(Key, target.WrittenSpan, out _);
    }

    private static async Task AssertOpens(byte[] raw, Preamble preamble, byte compression, byte[] payload)
    {
        var header = Samples.Header(compression: compression);
        var opened = MessagePayload.Decode(header, payload);
        Assert.True(raw.AsSpan().SequenceEqual(opened.Raw.Span));
        Assert.Equal(preamble.Opening, opened.Preamble.Opening);

        await using var reader = await PayloadReader.OpenAsync(
            header, new DribblingStream(payload, 5_000), 1 << 30, TestContext.Current.CancellationToken);
        var target = new MemoryStream();
        await reader.CopyToAsync(target, TestContext.Current.CancellationToken);
        Assert.True(raw.AsSpan().SequenceEqual(target.ToArray()));
        Assert.Equal(preamble.Delivery, reader.Preamble.Delivery);
    }
}
