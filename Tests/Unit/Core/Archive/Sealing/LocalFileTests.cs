using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Sealing;

/// <summary>What a silo keeps on its own disk: worth nothing to whoever has the disk alone.</summary>
public sealed class LocalFileTests : IDisposable
{
    private static readonly byte[] Content = "tenant kiebitz, pirol@example.org"u8.ToArray();
    private static readonly LocalPlace Place = new(Region.Eu, "archive-1");

    private readonly string _folder = Directory.CreateTempSubdirectory("ama-local-").FullName;
    private readonly Secret _key = Secret.Random(new SeededRandom(20261124));
    private readonly SeededRandom _random = new(20261125);

    private string At => Path.Combine(_folder, "place.ama");

    [Fact]
    public void Content_ComesBack_WithItsKeyVersion()
    {
        Assert.Null(File().Read(_ => _key));
        foreach (var length in new[] { 0, 1, 16_383, 16_384, LocalFile.ContentBytesMax })
        {
            var content = _random.NextBytes(length);
            File().Write(new(7, _key), content);
            var read = File().Read(version => version == 7 ? _key : null);
            Assert.Equal(7ul, read!.Value.KeyVersion);
            Assert.Equal(content, read.Value.Content);
        }
        Assert.Throws<ArgumentOutOfRangeException>(
            () => File().Write(new(7, _key), new byte[LocalFile.ContentBytesMax + 1]));
    }

    [Fact]
    public void Threat_38_TheDiskAlone_SaysNothing()
    {
        File().Write(new(1, _key), Content);
        var bytes = System.IO.File.ReadAllBytes(At);
        Assert.True(bytes.AsSpan().IndexOf("kiebitz"u8) < 0);
        Assert.True(bytes.AsSpan().IndexOf("pirol"u8) < 0);
        Assert.Equal(SealFault.Context, FaultOf(File(), _ => null));
        using var other = Secret.Random(_random);
        Assert.Equal(SealFault.Commitment, FaultOf(File(), _ => other));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(At));
        Assert.Equal([At], Directory.GetFiles(_folder));
    }

    [Fact]
    public void OfAnotherPlaceOrName_NeverOpens()
    {
        File().Write(new(1, _key), Content);
        Assert.Equal(SealFault.Commitment, FaultOf(File(name: "other/place.ama"), _ => _key));
        Assert.Equal(SealFault.Commitment, FaultOf(File(Place with { Partition = "archive-2" }), _ => _key));
        Assert.Equal(SealFault.Commitment, FaultOf(File(Place with { Region = Region.Us }), _ => _key));
    }

    [Fact]
    public void ChangedOrCut_NeverOpens()
    {
        File().Write(new(1, _key), Content);
        var whole = System.IO.File.ReadAllBytes(At);
        for (var at = 0; at < whole.Length; at++)
        {
            var changed = whole.ToArray();
            changed[at] ^= 1;
            System.IO.File.WriteAllBytes(At, changed);
            Assert.Throws<SealException>(() => File().Read(_ => _key));
            System.IO.File.WriteAllBytes(At, whole[..at]);
            Assert.Throws<SealException>(() => File().Read(_ => _key));
        }
        System.IO.File.WriteAllBytes(At, new byte[LocalFile.ContentBytesMax * 2]);
        Assert.Equal(SealFault.Limit, FaultOf(File(), _ => _key));
    }

    /// <summary>Tests/Vectors/local-file.vector: what another implementation sealed, byte for byte.</summary>
    [Fact]
    public void AllVectors() => VectorRun.All("local-file.vector", @case => Read(@case, @case.Bytes("sealed")), @case =>
    {
        using var key = Secret.Copy(@case.Bytes("key"));
        FileOf(@case).Write(new((ulong)@case.Number("version"), key), @case.Bytes("plain"));
        var written = System.IO.File.ReadAllBytes(At);
        if (@case.Has("sealed")) Assert.Equal(@case.Bytes("sealed"), written);
        else Assert.Equal(@case.Bytes("sealed-sha256"), SHA256.HashData(written));
        Assert.Equal(@case.Bytes("plain"), Read(@case, written));
    });

    private byte[] Read(VectorCase @case, byte[] sealedBytes)
    {
        System.IO.File.WriteAllBytes(At, sealedBytes);
        using var key = Secret.Copy(@case.Bytes("key"));
        return FileOf(@case).Read(version => version == (ulong)@case.Number("version") ? key : null)!.Value.Content;
    }

    private LocalFile FileOf(VectorCase @case)
    {
        Assert.True(RegionText.TryParse(@case.Text("region"), out var region));
        return new(
            At, @case.Text("file"), new(region, @case.Text("partition")), new DurableFiles(),
            new FixedRandom(@case.Has("salt") ? @case.Bytes("salt") : []));
    }

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private LocalFile File(LocalPlace? place = null, string name = "one/place.ama") =>
        new(At, name, place ?? Place, new DurableFiles(), _random);

    private static SealFault FaultOf(LocalFile file, Func<ulong, Secret?> keyOf) =>
        Assert.Throws<SealException>(() => file.Read(keyOf)).Fault;
}
