using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

public class SealedMessageTests
{
    private static readonly byte[] Key = SHA256.HashData("leaf key"u8);
    private static readonly byte[] OtherKey = SHA256.HashData("other leaf key"u8);

    [Fact]
    public void WholeAndStreamed_AreTheSameBytes()
    {
        var payload = new SeededRandom(1).NextBytes(100_000);
        var salt = new SeededRandom(2).NextBytes(ChunkKeys.SaltBytes);
        var whole = SealedMessage.Seal(Key, Samples.Header(), payload, new FixedRandom(salt));
        var target = new ArrayBufferWriter<byte>();
        using var writer = SealedMessage.BeginSeal(Key, Samples.Header(), new FixedRandom(salt), target);
        writer.Write(payload);
        writer.Finish();
        Assert.Equal(whole, target.WrittenSpan.ToArray());
        Assert.Equal(SealedMessage.SealedLength(payload.Length), whole.Length);

        using var reader = SealedMessage.OpenBody(Key, Samples.Header(), new MemoryStream(whole[AmaHeader.Bytes..]));
        var opened = new MemoryStream();
        reader.CopyTo(opened);
        Assert.Equal(payload, opened.ToArray());
    }

    [Fact]
    public void EveryBitFlip_IsRefused()
    {
        var message = SealedMessage.Seal(Key, Samples.Header(), new byte[30], new SeededRandom(3));
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            var damaged = message.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            var fault = Samples.FaultOf(() => SealedMessage.Open(Key, damaged, out _));
            SealFault[] due = (bit / 8) switch
            {
                < 4 => [SealFault.Format],
                < AmaHeader.Bytes => [SealFault.Reserved, SealFault.Commitment, SealFault.Format],
                < AmaHeader.ChunksAt => [SealFault.Commitment],
                _ => [SealFault.Authentication],
            };
            Assert.Contains(fault, due);
        }
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        var message = SealedMessage.Seal(Key, Samples.Header(), new byte[300], new SeededRandom(4));
        for (var length = 0; length < message.Length; length++)
        {
            var fault = Samples.FaultOf(() => SealedMessage.Open(Key, message[..length], out _));
            Assert.Contains(fault, (SealFault[])[SealFault.Truncated, SealFault.Authentication]);
        }
    }

    [Fact]
    public void ReservedValues_AreNeverWritten()
    {
        var header = Samples.Header();
        foreach (var bad in (AmaHeader[])[
            header with { Compression = 2 }, header with { Compression = 3 }, header with { Flags = 2 },
            header with { Region = 0 }, header with { Region = (Region)3 }])
        {
            var fault = Samples.FaultOf(() => SealedMessage.Seal(Key, bad, [], new SeededRandom(5)));
            Assert.Equal(SealFault.Reserved, fault);
        }
    }

    [Fact]
    public void Threat_35_WrongKey_FailsAtTheCommitment()
    {
        var message = SealedMessage.Seal(Key, Samples.Header(), "text"u8, new SeededRandom(6));
        Assert.Equal(SealFault.Commitment, Samples.FaultOf(() => SealedMessage.Open(OtherKey, message, out _)));
    }

    /// <summary>
    /// The invisible salamander needs a ciphertext that two keys open. Whatever the chunks are, each key wants its own
    /// commitment in front of them, so one of the two is refused before any chunk is looked at.
    /// </summary>
    [Fact]
    public void Threat_35_TwoKeyCiphertext_OpensUnderOneKeyAtMost()
    {
        var header = Samples.Header();
        var salt = new SeededRandom(7).NextBytes(ChunkKeys.SaltBytes);
        var one = SealedMessage.Seal(Key, header, "text"u8, new FixedRandom(salt));
        var other = SealedMessage.Seal(OtherKey, header, "text"u8, new FixedRandom(salt));
        byte[] grafted = [.. one[..AmaHeader.ChunksAt], .. other[AmaHeader.ChunksAt..]];
        Assert.Equal(SealFault.Commitment, Samples.FaultOf(() => SealedMessage.Open(OtherKey, grafted, out _)));
        Assert.Equal(SealFault.Authentication, Samples.FaultOf(() => SealedMessage.Open(Key, grafted, out _)));
    }

    /// <summary>Two tenants, three leaves, two kinds: every header over every other body, under either's key.</summary>
    [Fact]
    public void Threat_36_SwappedCiphertext_EveryPairIsRefused()
    {
        var other = Samples.Part with { Tenant = new TenantId(Guid.Parse("99999999-0000-0000-0000-000000000000")) };
        AmaHeader[] headers =
        [
            .. from part in (RetentionPart[])[Samples.Part, other, Samples.Part with { Epoch = 1 }]
               from leaf in (uint[])[1, 2, uint.MaxValue]
               from flags in (byte[])[0, 1]
               select Samples.Header(leaf, flags: flags, part: part)
        ];
        var random = new SeededRandom(36);
        var messages = headers.Select(header => SealedMessage.Seal(Key, header, "text"u8, random)).ToArray();
        for (var i = 0; i < messages.Length; i++)
        for (var j = 0; j < messages.Length; j++)
        {
            byte[] swapped = [.. messages[i][..AmaHeader.Bytes], .. messages[j][AmaHeader.Bytes..]];
            if (i == j) SealedMessage.Open(Key, swapped, out _);
            else Assert.Equal(SealFault.Commitment, Samples.FaultOf(() => SealedMessage.Open(Key, swapped, out _)));
        }
    }
}
