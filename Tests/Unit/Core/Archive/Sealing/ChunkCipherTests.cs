using System.Numerics;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

public class ChunkCipherTests
{
    private static readonly byte[] Key = SHA256.HashData("key"u8);
    private static readonly byte[] Nonce = Convert.FromHexString("ffffffff80000000000000ff");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1L << 32)]
    [InlineData(ChunkCipher.ChunksMax - 1)]
    public void Nonce_IsTheBaseXorTheChunkNumber(long chunk)
    {
        var sealedChunk = new byte[5 + 16];
        using var cipher = new ChunkCipher(Key, Nonce, 14);
        cipher.Seal(chunk, "plain"u8, sealedChunk);

        // The definition, by way of big integers instead of ours by way of the low eight bytes.
        var number = new BigInteger(Nonce, isUnsigned: true, isBigEndian: true) ^ chunk;
        var nonce = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        var plain = new byte[5];
        using var gcm = new AesGcm(Key, 16);
        gcm.Decrypt(nonce, sealedChunk.AsSpan(0, 5), sealedChunk.AsSpan(5), plain);
        Assert.Equal("plain"u8, plain);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(ChunkCipher.ChunksMax)]
    public void ChunkBeyondTheKeysWear_IsRefused(long chunk)
    {
        using var cipher = new ChunkCipher(Key, Nonce, 14);
        Assert.Equal(SealFault.Limit, Samples.FaultOf(() => cipher.Seal(chunk, [], new byte[16])));
        Assert.Equal(SealFault.Limit, Samples.FaultOf(() => cipher.Open(chunk, new byte[16], [])));
    }

    [Fact]
    public void ChunkLongerThanItsSize_IsRefused()
    {
        using var cipher = new ChunkCipher(Key, Nonce, 13);
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(0, new byte[8193], new byte[8193 + 16]));
        Assert.Equal(SealFault.Limit, Samples.FaultOf(() => cipher.Open(0, new byte[8193 + 16], new byte[8193])));
    }

    /// <summary>Two seals of the same bytes under one leaf must never meet in a (key, nonce) pair.</summary>
    [Fact]
    public void Threat_34_NonceReuse_EverySealDerivesItsOwnKeyAndNonce()
    {
        const int seals = 20_000;
        var seen = new HashSet<string>(seals);
        var random = new SeededRandom(34);
        var derived = new byte[ChunkKeys.DerivedBytes];
        var header = Samples.Header();
        for (var i = 0; i < seals; i++)
        {
            var message = SealedMessage.Seal(Key, header, "same"u8, random);
            var salt = message.AsSpan(AmaHeader.Bytes, ChunkKeys.SaltBytes);
            ChunkKeys.Derive(Key, ChunkKeys.CobblestoneLabel, salt, "context"u8, derived);
            Assert.True(seen.Add(Convert.ToHexString(derived.AsSpan(0, 44))), $"seal {i} repeats a key and nonce");
            Assert.True(seen.Add(Convert.ToHexString(salt)), $"seal {i} repeats a salt");
        }
    }

    /// <summary>
    /// A state that was put back, with the same leaf and the same bytes, still seals under fresh keys.
    /// </summary>
    [Fact]
    public void Threat_34_NonceReuse_LeafUsedTwiceAfterARestore_SealsUnderOtherKeys()
    {
        var one = SealedMessage.Seal(Key, Samples.Header(), "same"u8, new SeededRandom(1));
        var other = SealedMessage.Seal(Key, Samples.Header(), "same"u8, new SeededRandom(2));
        Assert.False(one.AsSpan(AmaHeader.Bytes).SequenceEqual(other.AsSpan(AmaHeader.Bytes)));
        Assert.False(one.AsSpan(AmaHeader.ChunksAt).SequenceEqual(other.AsSpan(AmaHeader.ChunksAt)));
    }

    [Fact]
    public void Threat_34_NonceReuse_EqualChunksOfOneMessageDiffer()
    {
        var sealedBytes = Cobblestone.Seal(Key, [], new byte[16384 * 8], new SeededRandom(3));
        var chunks = Enumerable.Range(0, 8).Select(i => Convert.ToHexString(sealedBytes.AsSpan(56 + i * 16400, 16400)));
        Assert.Equal(8, chunks.Distinct().Count());
    }
}
