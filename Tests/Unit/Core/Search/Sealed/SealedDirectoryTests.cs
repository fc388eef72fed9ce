using System.Reflection;
using AMA.Archive.Sealing;
using AMA.Search;
using AMA.Search.Sealed;
using Lucene.Net.Store;
using Xunit;

namespace AMA.Tests.Unit.Core.Search.Sealed;

public sealed class SealedDirectoryTests : IDisposable
{
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private SealedDirectory Open() => new(new(_bench.Place, _bench.Keys, _bench.Machine));

    private string PathOf(string name) => Path.Combine(_bench.Place.Directory, name);

    private byte[] Write(SealedDirectory directory, string name, int length)
    {
        var plain = new byte[length];
        new Random(length).NextBytes(plain);
        using var output = directory.CreateOutput(name, IOContext.DEFAULT);
        output.WriteBytes(plain, 0, length);
        return plain;
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(8_191), InlineData(8_192), InlineData(8_193), InlineData(200_000)]
    public void WhatWasWritten_IsRead_InAnyOrder(int length)
    {
        using var directory = Open();
        var plain = Write(directory, "a.bin", length);
        using var input = directory.OpenInput("a.bin", IOContext.DEFAULT);
        Assert.Equal(length, input.Length);
        Assert.Equal(length, directory.FileLength("a.bin"));
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var at = random.Next(length + 1);
            var bytes = new byte[random.Next(Math.Min(length - at, 20_000) + 1)];
            input.Seek(at);
            input.ReadBytes(bytes, 0, bytes.Length);
            Assert.True(bytes.AsSpan().SequenceEqual(plain.AsSpan(at, bytes.Length)));
            Assert.Equal(at + bytes.Length, input.Position);
        }
        input.Seek(length);
        Assert.Throws<EndOfStreamException>(() => input.ReadByte());
        Assert.Throws<EndOfStreamException>(() => input.Seek(length + 1));
    }

    [Fact]
    public void Numbers_AcrossChunks_AreReadAsLuceneWroteThem()
    {
        using var directory = Open();
        using (var output = directory.CreateOutput("n.bin", IOContext.DEFAULT))
            for (var i = 0; i < 5_000; i++)
            {
                output.WriteVInt32(i * 7_919);
                output.WriteInt32(i);
                output.WriteInt64(-i);
                output.WriteInt16((short)i);
            }
        using var input = directory.OpenInput("n.bin", IOContext.DEFAULT);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.Equal(i * 7_919, input.ReadVInt32());
            Assert.Equal(i, input.ReadInt32());
            Assert.Equal(-i, input.ReadInt64());
            Assert.Equal((short)i, input.ReadInt16());
        }
    }

    [Fact]
    public void Checksum_IsThatOfThePlainBytes()
    {
        using var directory = Open();
        using var output = directory.CreateOutput("c.bin", IOContext.DEFAULT);
        output.WriteBytes(new byte[10_000], 10_000);
        output.WriteByte(9);
        Assert.Equal(System.IO.Hashing.Crc32.HashToUInt32([.. new byte[10_000], 9]), (uint)output.Checksum);
    }

    [Fact]
    public void AnyFlippedBit_IsNoticed()
    {
        using var directory = Open();
        var plain = Write(directory, "f.bin", 20_000);
        var good = File.ReadAllBytes(PathOf("f.bin"));
        var random = new Random(11);
        for (var i = 0; i < 400; i++)
        {
            var bad = good.ToArray();
            // The first rounds visit every byte of the header, the others bytes anywhere.
            var at = i < 72 ? i : random.Next(bad.Length);
            bad[at] ^= (byte)(1 << random.Next(8));
            Assert.True(IsRefused(directory, bad, plain), $"flip at {at}");
        }
    }

    [Fact]
    public void AnyCut_IsNoticed()
    {
        using var directory = Open();
        var plain = Write(directory, "f.bin", 20_000);
        var good = File.ReadAllBytes(PathOf("f.bin"));
        var random = new Random(12);
        for (var i = 0; i < 100; i++)
            Assert.True(IsRefused(directory, good[..random.Next(good.Length)], plain));
        Assert.True(IsRefused(directory, [.. good, 0], plain));
    }

    private bool IsRefused(SealedDirectory directory, byte[] bytes, byte[] plain)
    {
        File.WriteAllBytes(PathOf("f.bin"), bytes);
        foreach (var context in new[] { IOContext.DEFAULT, IOContext.READ_ONCE })
        {
            try
            {
                using var input = directory.OpenInput("f.bin", context);
                var read = new byte[input.Length];
                input.ReadBytes(read, 0, read.Length);
                Assert.Equal(plain, read); // If it was taken, it must at least be right; it may not be taken at all.
                return false;
            }
            catch (SealedFileException)
            {
            }
        }
        return true;
    }

    [Fact]
    public void ExchangedFiles_AreNoticed()
    {
        using var directory = Open();
        Write(directory, "a.bin", 100);
        Write(directory, "b.bin", 100);
        File.Copy(PathOf("a.bin"), PathOf("b.bin"), overwrite: true);
        var fault = Assert.Throws<SealedFileException>(() => directory.OpenInput("b.bin", IOContext.DEFAULT));
        Assert.Equal(SealFault.Commitment, fault.Fault);
        Assert.Equal("b.bin", fault.File);
    }

    [Fact]
    public void AnotherIndexsFile_IsNoticed()
    {
        using (var directory = Open()) Write(directory, "a.bin", 100);
        var place = _bench.Place with { IndexId = Guid.Empty };
        using var other = new SealedDirectory(new(place, _bench.Keys, _bench.Machine));
        var fault = Assert.Throws<SealedFileException>(() => other.OpenInput("a.bin", IOContext.DEFAULT));
        Assert.Equal(SealFault.Commitment, fault.Fault);
    }

    [Fact]
    public void Sync_CoversEveryNamedFileAndTheDirectory_Once()
    {
        using var directory = Open();
        Write(directory, "a.bin", 1);
        Write(directory, "b.bin", 1);
        _bench.Files.Synced.Clear();
        directory.Sync(["a.bin", "b.bin"]);
        Assert.Equal(["a.bin", "b.bin", "index"], _bench.Files.Synced);
        directory.Sync(["a.bin"]);
        Assert.Equal(3, _bench.Files.Synced.Count);
    }

    [Fact]
    public void Sync_ThatFailedOnce_NeverSucceedsAgain()
    {
        using var directory = Open();
        Write(directory, "a.bin", 1);
        _bench.Files.Fails = path => path.EndsWith("a.bin");
        Assert.Throws<IOException>(() => directory.Sync(["a.bin"]));
        _bench.Files.Fails = _ => false;
        Assert.Throws<IOException>(() => directory.Sync(["a.bin"]));
        Write(directory, "a.bin", 2);
        directory.Sync(["a.bin"]);
    }

    [Fact]
    public void WithoutKey_NothingOpens()
    {
        using var directory = Open();
        Write(directory, "a.bin", 1);
        _bench.Locked = true;
        Assert.Throws<IndexLockedException>(() => directory.OpenInput("a.bin", IOContext.DEFAULT));
        Assert.Throws<IndexLockedException>(() => directory.CreateOutput("b.bin", IOContext.DEFAULT));
    }

    [Fact]
    public void Closed_ZeroesTheCache_AndOpensNothingMore()
    {
        var directory = Open();
        Write(directory, "a.bin", 100_000);
        var input = directory.OpenInput("a.bin", IOContext.DEFAULT);
        var file = SealedFileOf(input);
        var cached = file.Chunk(3);
        Assert.Contains(cached, b => b != 0);
        Assert.NotEqual(0, _bench.Cache.Bytes);
        directory.Dispose();
        Assert.All(cached, b => Assert.Equal(0, b));
        Assert.Equal(0, _bench.Cache.Bytes);
        input.Seek(50_000);
        Assert.Throws<IndexLockedException>(() => input.ReadByte());
        input.Dispose();
    }

    private static SealedFile SealedFileOf(IndexInput input) => (SealedFile)typeof(SealedInput)
        .GetField("_file", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(input)!;

    [Fact]
    public void Cache_StaysWithinItsBytes()
    {
        _bench.Cache = new ChunkCache(5 * 8_192);
        using var directory = Open();
        var plain = Write(directory, "a.bin", 40 * 8_192);
        using var input = directory.OpenInput("a.bin", IOContext.DEFAULT);
        var random = new Random(3);
        for (var i = 0; i < 1_000; i++)
        {
            var at = random.Next(plain.Length);
            input.Seek(at);
            Assert.Equal(plain[at], input.ReadByte());
            Assert.InRange(_bench.Cache.Bytes, 0, 5 * 8_192);
        }
    }

    [Fact]
    public async Task ManyThreads_ReadTheSameBytes()
    {
        _bench.Cache = new ChunkCache(8 * 8_192);
        using var directory = Open();
        var plain = Write(directory, "a.bin", 100 * 8_192);
        using var input = directory.OpenInput("a.bin", IOContext.DEFAULT);
        using var slicer = directory.CreateSlicer("a.bin", IOContext.DEFAULT);
        await Parallel.ForAsync(0, 8, (seed, _) =>
        {
            var random = new Random(seed);
            using var slice = slicer.OpenSlice("part", 1_000, plain.Length - 1_000);
            var readers = new[] { (From: 0, In: (IndexInput)input.Clone()), (From: 1_000, In: slice) };
            for (var i = 0; i < 4_000; i++)
            {
                var (from, reader) = readers[i % 2];
                var at = random.Next(plain.Length - from - 100);
                var bytes = new byte[100];
                reader.Seek(at);
                reader.ReadBytes(bytes, 0, bytes.Length);
                Assert.True(bytes.AsSpan().SequenceEqual(plain.AsSpan(from + at, 100)));
            }
            return ValueTask.CompletedTask;
        });
    }
}
