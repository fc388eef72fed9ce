using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Packs;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Packs;

public sealed class PackTests : IDisposable
{
    private readonly KeyTree _tree = KeyTree.Create(new SeededRandom(99));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task MessagesTakenOut_AreByteIdentical()
    {
        var messages = Messages(50, 2000);
        var pack = PackWriter.Build(Header(), messages, out var records);
        var reader = await PackReader.OpenAsync(pack, Cancel);
        Assert.Equivalent(Header(), reader.Header);
        Assert.Equivalent(records, reader.Records);
        for (var i = 0; i < messages.Length; i++)
        {
            Assert.Equal(messages[i], await reader.ReadMessageAsync(i, Cancel));
            Assert.Equal(SHA256.HashData(messages[i]), records[i].Sha256);
            Assert.Equal(messages[i].Length, records[i].MessageLength);
        }
        Assert.Empty(await reader.FindDamagedAsync(Cancel));
        Assert.Equal(50, (await PackVerifier.VerifyAsync(reader, KeyOf, Cancel)).Count);
    }

    [Fact]
    public void SealedStraightIntoThePack_IsTheSameAsAdded()
    {
        var salts = new SeededRandom(1).NextBytes(24 * 5);
        var straight = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new PackWriter(Header(), straight);
        var random = new FixedRandom(salts);
        for (var leaf = 0u; leaf < 5; leaf++) writer.Seal(KeyBytes(leaf), Samples.Header(leaf), Payload(leaf), random);
        writer.Finish();

        random = new FixedRandom(salts);
        var messages = Enumerable.Range(0, 5).Select(
            leaf => SealedMessage.Seal(KeyBytes((uint)leaf), Samples.Header((uint)leaf), Payload((uint)leaf), random));
        Assert.Equal(PackWriter.Build(Header(), [.. messages], out _), straight.WrittenSpan.ToArray());
        Assert.Equal(writer.Length, straight.WrittenCount);

        static byte[] Payload(uint leaf) => Samples.Mail(100 + (int)leaf * 7000, (int)leaf);
    }

    [Fact]
    public async Task OpeningCostsThreeReads_AndAMessageOneMore()
    {
        foreach (var (count, reads) in ((int, int)[])[(3, 1), (200, 2), (2000, 3)])
        {
            var store = new MemoryBlobs();
            var name = PackNames.Of(Samples.Part, Header().PackId);
            store.Put(name, PackWriter.Build(Header(), Messages(count, 300), out _));
            var reader = await PackReader.OpenAsync(store, name, Cancel);
            Assert.Equal(reads, store.Reads);
            await reader.ReadMessageAsync(count / 2, Cancel);
            Assert.Equal(reads + 1, store.Reads);
        }
    }

    [Fact]
    public void OverheadPerMessage_IsFixedAndSmall()
    {
        const int count = 100;
        var messages = Messages(count, 500);
        var pack = PackWriter.Build(Header(), messages, out _);
        var bodies = messages.Sum(message => message.Length - AmaHeader.ChunksAt - Cobblestone.TagBytes);
        Assert.Equal(96 + 48, pack.Length - bodies - count * (34 + 58 + 56 + 16));
    }

    [Fact]
    public async Task PackUnderAnothersName_IsRefused()
    {
        var store = new MemoryBlobs();
        var name = PackNames.Of(Samples.Part, Guid.Parse("00000000-0000-0000-0000-000000000001"));
        store.Put(name, PackWriter.Build(Header(), Messages(2, 100), out _));
        var e = await Assert.ThrowsAsync<SealException>(async () => await PackReader.OpenAsync(store, name, Cancel));
        Assert.Equal(SealFault.Context, e.Fault);
        await Assert.ThrowsAsync<BlobNotFoundException>(
            async () => await PackReader.OpenAsync(store, "packs/none.amp1", Cancel));
    }

    [Fact]
    public async Task EveryByteChanged_IsFoundByOpening_ByVerifying_OrWithoutKeys()
    {
        var pack = PackWriter.Build(Header(), Messages(2, 60), out _);
        for (var at = 0; at < pack.Length; at++)
        {
            var damaged = pack.ToArray();
            damaged[at] ^= (byte)(1 << at % 8);
            Assert.True(await IsRefusedAsync(damaged, keyless: true), $"byte {at}, without keys");
            Assert.True(await IsRefusedAsync(damaged, keyless: false), $"byte {at}, with keys");
        }
    }

    [Fact]
    public async Task EveryTruncation_IsRefusedAtOpening()
    {
        var pack = PackWriter.Build(Header(), Messages(2, 60), out _);
        for (var length = 0; length < pack.Length; length++)
            await Assert.ThrowsAsync<SealException>(
                async () => await PackReader.OpenAsync(pack.AsMemory(0, length), Cancel));
    }

    [Fact]
    public void MessageOfAnotherPart_OrASecondUnderOneLeaf_IsNotTaken()
    {
        var writer = new PackWriter(Header(), new System.Buffers.ArrayBufferWriter<byte>());
        writer.Add(Message(1, 100));
        Assert.Equal(SealFault.Context, Samples.FaultOf(() => writer.Add(Message(1, 100))));
        foreach (var header in (AmaHeader[])[
            Samples.Header(2) with { Region = Region.Us }, Samples.Header(2) with { TreeGeneration = 2 },
            Samples.Header(2) with { Part = Samples.Part with { Epoch = 1 } },
            Samples.Header(2) with { PolicyHash = SHA256.HashData("policy"u8) }])
        {
            var foreign = SealedMessage.Seal(KeyBytes(2), header, [], new SeededRandom(2));
            Assert.Equal(SealFault.Context, Samples.FaultOf(() => writer.Add(foreign)));
        }
        writer.Finish();
        Assert.Throws<InvalidOperationException>(() => writer.Add(Message(3, 100)));
    }

    /// <summary>What the writer's verification is for: it sealed with a key that nobody will derive again.</summary>
    [Fact]
    public async Task VerifyingAfterWriting_FindsAWrongLeafKey_AndAnErasedLeaf()
    {
        var reader = await PackReader.OpenAsync(PackWriter.Build(Header(), Messages(3, 100), out _), Cancel);
        var e = await Assert.ThrowsAsync<SealException>(
            async () => await PackVerifier.VerifyAsync(reader, leaf => KeyOf(leaf + 1), Cancel));
        Assert.Equal(SealFault.Commitment, e.Fault);
        _tree.Puncture(2);
        e = await Assert.ThrowsAsync<SealException>(
            async () => await PackVerifier.VerifyAsync(reader, KeyOf, Cancel));
        Assert.Equal(SealFault.Punctured, e.Fault);
    }

    private async Task<bool> IsRefusedAsync(byte[] pack, bool keyless)
    {
        try
        {
            var reader = await PackReader.OpenAsync(pack, Cancel);
            if (keyless) return (await reader.FindDamagedAsync(Cancel)).Count > 0;
            await PackVerifier.VerifyAsync(reader, KeyOf, Cancel);
            return false;
        }
        catch (SealException)
        {
            return true;
        }
    }

    private static PackHeader Header() =>
        new(Guid.Parse("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), Region.Eu, Samples.Part, new byte[32], 1);

    private byte[][] Messages(int count, int bytes) =>
        [.. Enumerable.Range(0, count).Select(leaf => Message((uint)leaf, bytes + leaf % 7))];

    private byte[] Message(uint leaf, int bytes)
    {
        var raw = Samples.Mail(bytes, (int)leaf);
        var random = new SeededRandom((int)leaf);
        var payload = MessagePayload.Encode(Samples.Preamble(raw, random), raw, out var compression);
        return SealedMessage.Seal(KeyBytes(leaf), Samples.Header(leaf, compression), payload, random);
    }

    private Secret? KeyOf(uint leaf) => _tree.TryLeaf(leaf, out var key) ? key : null;

    private byte[] KeyBytes(uint leaf)
    {
        using var key = KeyOf(leaf)!;
        return key.Span.ToArray();
    }
}
