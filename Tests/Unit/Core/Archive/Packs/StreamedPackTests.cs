using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Packs;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Packs;

public class StreamedPackTests
{
    private static readonly PackHeader Pack = new(Guid.Empty, Region.Eu, Samples.Part, new byte[32], 1);
    private static readonly string Name = PackNames.Of(Pack.Part, Pack.PackId);
    private static readonly byte[] Key = SHA256.HashData("leaf key"u8);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(30_000_000)]
    public async Task LargeMessage_IsWrittenInPieces_VerifiedAndReadBack(int length)
    {
        var raw = length < 10_000 ? Samples.Mail(length, 1) : new SeededRandom(1).NextBytes(length);
        var store = new MemoryBlobs();
        var record = await WriteAsync(store, raw, Samples.Preamble(raw, new SeededRandom(2)));
        Assert.InRange(store.LargestPieceWritten, 1, 1 << 20);

        var reader = await PackReader.OpenAsync(store, Name, Cancel);
        Assert.Equivalent(record, reader.Records.Single());
        Assert.Empty(await reader.FindDamagedAsync(Cancel));
        var preambles = await PackVerifier.VerifyAsync(reader, _ => Secret.Copy(Key), Cancel);
        Assert.Equal(SHA256.HashData(raw), preambles.Single().RawSha256);
        Assert.Equal(raw, await ReadAsync(reader));

        var whole = await reader.ReadMessageAsync(0, Cancel);
        Assert.Equal(record.Sha256, SHA256.HashData(whole));
        var payload = SealedMessage.Open(Key, whole, out var header);
        Assert.True(raw.AsSpan().SequenceEqual(MessagePayload.Decode(header, payload).Raw.Span));
    }

    [Fact]
    public async Task SourceThatChangedSinceItWasHashed_IsNeverCommitted()
    {
        var raw = Samples.Mail(500_000, 3);
        var preamble = Samples.Preamble(raw, new SeededRandom(3));
        raw[400_000] ^= 1;
        var store = new MemoryBlobs();
        var e = await Assert.ThrowsAsync<SealException>(async () => await WriteAsync(store, raw, preamble));
        Assert.Equal(SealFault.Content, e.Fault);
        Assert.Null(await store.StatAsync(Name, Cancel));
    }

    [Fact]
    public async Task StreamedMessageDamagedAnywhere_IsRefusedBeforeItsEnd()
    {
        var raw = new SeededRandom(4).NextBytes(5_000_000);
        var store = new MemoryBlobs();
        await WriteAsync(store, raw, Samples.Preamble(raw, new SeededRandom(4)));
        var whole = (await store.GetAsync(Name, Cancel))!.Content.ToArray();
        var random = new Random(5);
        for (var i = 0; i < 10; i++)
        {
            var damaged = whole.ToArray();
            damaged[random.Next(PackHeader.Bytes + 40, whole.Length - 200)] ^= 0x10;
            var reader = await PackReader.OpenAsync(damaged, Cancel);
            Assert.Equal([0], await reader.FindDamagedAsync(Cancel));
            await Assert.ThrowsAsync<SealException>(async () => await ReadAsync(reader));
        }
    }

    private static async Task<PackRecord> WriteAsync(MemoryBlobs store, byte[] raw, Preamble preamble)
    {
        using var key = Secret.Copy(Key);
        var header = Samples.Header(compression: AmaCompression.Zstd);
        await using var blob = await store.CreateAsync(Name, Cancel);
        var record = await StreamedPack.WriteAsync(
            blob, Pack, header, key, preamble, new DribblingStream(raw, 100_000), new SeededRandom(6), Cancel);
        await blob.CommitAsync(Cancel);
        return record;
    }

    private static async Task<byte[]> ReadAsync(PackReader reader)
    {
        var message = await reader.OpenMessageAsync(0, Cancel);
        var payload = SealedMessage.OpenBody(Key, message.Header, message.Body);
        await using var raw = await PayloadReader.OpenAsync(
            message.Header, payload, MessagePayload.RawBytesMax, Cancel);
        var target = new MemoryStream();
        await raw.CopyToAsync(target, Cancel);
        return target.ToArray();
    }
}
