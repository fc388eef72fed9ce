using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

public class CobblestoneTests
{
    private static readonly byte[] Key = SHA256.HashData("key"u8);
    private static readonly byte[] Context = "ama/test@v1\0"u8.ToArray();

    /// <summary>Lengths on both sides of every border.</summary>
    public static TheoryData<int> Lengths => [0, 1, 16367, 16368, 16383, 16384, 16385, 32767, 32768, 32769, 100_000];

    [Theory, MemberData(nameof(Lengths))]
    public void EveryWayOfSealing_OpensInEveryWay(int length)
    {
        var random = new SeededRandom(length);
        var plain = random.NextBytes(length);
        var whole = Cobblestone.Seal(Key, Context, plain, random);
        var streamed = Stream(plain, pieces: new Random(length), random);

        Assert.Equal(Cobblestone.SealedLength(length), whole.Length);
        Assert.Equal(whole.Length, streamed.Length);
        foreach (var sealedBytes in (byte[][])[whole, streamed])
        {
            Assert.Equal(plain, Cobblestone.Open(Key, Context, sealedBytes));
            Assert.Equal(plain, Read(sealedBytes, new Random(length)));
        }
    }

    [Fact]
    public void Lengths_AreArithmetic()
    {
        for (var length = 0L; length < 70_000; length++)
            Assert.Equal(length, Cobblestone.PlainLength(Cobblestone.SealedLength(length)));
        Assert.Equal(SealFault.Truncated, Samples.FaultOf(() => Cobblestone.PlainLength(56 + 16400)));
        Assert.Equal(SealFault.Truncated, Samples.FaultOf(() => Cobblestone.PlainLength(56 + 16400 + 15)));
    }

    [Fact]
    public void EveryBitFlip_IsRefused()
    {
        var sealedBytes = Cobblestone.Seal(Key, Context, new byte[40], new SeededRandom(1));
        for (var bit = 0; bit < sealedBytes.Length * 8; bit++)
        {
            var damaged = sealedBytes.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            var due = bit / 8 < Cobblestone.HeadBytes ? SealFault.Commitment : SealFault.Authentication;
            Assert.Equal(due, Samples.FaultOf(() => Cobblestone.Open(Key, Context, damaged)));
        }
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        var sealedBytes = Cobblestone.Seal(Key, Context, new byte[16384 * 2 + 5], new SeededRandom(2));
        for (var length = 0; length < sealedBytes.Length; length += length < 100 ? 1 : 97)
        {
            var cut = sealedBytes[..length];
            Assert.Contains(FaultOfOpen(cut), (SealFault[])[SealFault.Truncated, SealFault.Authentication]);
            Assert.Contains(FaultOfRead(cut), (SealFault[])[SealFault.Truncated, SealFault.Authentication]);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(0, 2)]
    public void ChunksInEachOthersPlace_AreRefused(int one, int other)
    {
        var sealedBytes = Cobblestone.Seal(Key, Context, new byte[16384 * 3 + 7], new SeededRandom(3));
        var swapped = sealedBytes.ToArray();
        Chunk(sealedBytes, one).CopyTo(Chunk(swapped, other));
        Chunk(sealedBytes, other).CopyTo(Chunk(swapped, one));
        Assert.Equal(SealFault.Authentication, FaultOfOpen(swapped));
        Assert.Equal(SealFault.Authentication, FaultOfRead(swapped));
    }

    [Fact]
    public void ChunkLeftOutOrDoubled_IsRefused()
    {
        var sealedBytes = Cobblestone.Seal(Key, Context, new byte[16384 * 3 + 7], new SeededRandom(4));
        var head = sealedBytes[..Cobblestone.HeadBytes];
        byte[] without = [.. head, .. Chunk(sealedBytes, 0), .. Chunk(sealedBytes, 2), .. Last(sealedBytes, 3)];
        byte[] doubled = [.. head, .. Chunk(sealedBytes, 0), .. Chunk(sealedBytes, 0), .. sealedBytes[(56 + 16400)..]];
        Assert.Equal(SealFault.Authentication, FaultOfOpen(without));
        Assert.Equal(SealFault.Authentication, FaultOfOpen(doubled));
    }

    [Fact]
    public void FailedOpening_LeavesNoPlainBytes()
    {
        var plain = Enumerable.Repeat((byte)7, 40_000).ToArray();
        var sealedBytes = Cobblestone.Seal(Key, Context, plain, new SeededRandom(5));
        sealedBytes[^1] ^= 1;
        var fault = Samples.FaultOf(() => Cobblestone.Open(Key, Context, sealedBytes, plain));
        Assert.Equal(SealFault.Authentication, fault);
        Assert.All(plain, b => Assert.Equal(0, b));
    }

    [Fact]
    public void ReaderAfterAFault_NeverLooksEnded()
    {
        var sealedBytes = Cobblestone.Seal(Key, Context, new byte[20_000], new SeededRandom(6));
        sealedBytes[100] ^= 1;
        using var reader = new CobblestoneReader(new MemoryStream(sealedBytes), Key, Context);
        for (var i = 0; i < 3; i++)
            Assert.Equal(SealFault.Authentication, Samples.FaultOf(() => _ = reader.ReadByte()));
    }

    [Fact]
    public async Task ReaderOverASlowSource_GivesTheSame()
    {
        var plain = new SeededRandom(7).NextBytes(50_000);
        var sealedBytes = Cobblestone.Seal(Key, Context, plain, new SeededRandom(8));
        await using var reader = new CobblestoneReader(new DribblingStream(sealedBytes, 777), Key, Context);
        var target = new MemoryStream();
        await reader.CopyToAsync(target, TestContext.Current.CancellationToken);
        Assert.Equal(plain, target.ToArray());
    }

    [Fact]
    public void WriterWithoutFinish_LeavesTruncatedBytes()
    {
        var target = new ArrayBufferWriter<byte>();
        using (var writer = new CobblestoneWriter(Key, Context, new SeededRandom(9), target))
            writer.Write(new byte[16384]);
        Assert.Equal(SealFault.Truncated, FaultOfOpen(target.WrittenSpan.ToArray()));
    }

    private static byte[] Stream(byte[] plain, Random pieces, IRandom random)
    {
        var target = new ArrayBufferWriter<byte>();
        using var writer = new CobblestoneWriter(Key, Context, random, target);
        for (var at = 0; at < plain.Length;)
        {
            var count = Math.Min(pieces.Next(1, 40_000), plain.Length - at);
            writer.Write(plain.AsSpan(at, count));
            at += count;
        }
        writer.Finish();
        return target.WrittenSpan.ToArray();
    }

    private static byte[] Read(byte[] sealedBytes, Random pieces)
    {
        using var reader = new CobblestoneReader(new MemoryStream(sealedBytes), Key, Context);
        var plain = new MemoryStream();
        int count;
        do
        {
            var buffer = new byte[pieces.Next(1, 20_000)];
            count = reader.Read(buffer);
            plain.Write(buffer, 0, count);
        }
        while (count > 0);
        return plain.ToArray();
    }

    private static SealFault FaultOfOpen(byte[] sealedBytes) =>
        Samples.FaultOf(() => Cobblestone.Open(Key, Context, sealedBytes));

    private static SealFault FaultOfRead(byte[] sealedBytes) => Samples.FaultOf(() => Read(sealedBytes, new Random(1)));

    private static Span<byte> Chunk(byte[] sealedBytes, int number) => sealedBytes.AsSpan(56 + number * 16400, 16400);

    private static byte[] Last(byte[] sealedBytes, int number) => sealedBytes[(56 + number * 16400)..];
}
