using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Search;
using AMA.Search.Sealed;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Lucene.Net.Store;
using Xunit;
using Directory = System.IO.Directory;

namespace AMA.Tests.Unit.Core.Search.Sealed;

/// <summary>Tests/Vectors/AMIX.vector: what another implementation sealed, byte for byte.</summary>
public sealed class AmixVectorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ama-amix-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AllVectors() => VectorRun.All("AMIX.vector", @case => Read(@case, @case.Bytes("sealed")), @case =>
    {
        var plain = @case.Bytes("plain");
        var written = Write(@case, plain);
        if (@case.Has("sealed")) Assert.Equal(@case.Bytes("sealed"), written);
        else Assert.Equal(@case.Bytes("sealed-sha256"), SHA256.HashData(written));
        Assert.Equal(plain, Read(@case, written));
    });

    private SealedDirectory Open(VectorCase @case)
    {
        var key = Secret.Copy(@case.Bytes("key"));
        var keys = new IndexKeys((ulong)@case.Number("version"), _ => key);
        var salt = new FixedRandom(@case.Bytes("salt"));
        var machine = new IndexMachine(new CountingFiles(), salt, new ChunkCache(0), TimeProvider.System);
        return new(new(new(_folder, new Guid(@case.Bytes("index"), bigEndian: true)), keys, machine));
    }

    private byte[] Write(VectorCase @case, byte[] plain)
    {
        using var directory = Open(@case);
        using (var output = directory.CreateOutput(@case.Text("file"), IOContext.DEFAULT))
            foreach (var part in plain.Chunk(777)) output.WriteBytes(part, part.Length);
        return File.ReadAllBytes(Path.Combine(_folder, @case.Text("file")));
    }

    private byte[] Read(VectorCase @case, byte[] sealedBytes)
    {
        File.WriteAllBytes(Path.Combine(_folder, @case.Text("file")), sealedBytes);
        using var directory = Open(@case);
        using var input = directory.OpenInput(@case.Text("file"), IOContext.DEFAULT);
        var plain = new byte[input.Length];
        input.ReadBytes(plain, 0, plain.Length);
        return plain;
    }
}
