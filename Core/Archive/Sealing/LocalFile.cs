using System.Buffers.Binary;
using System.Text;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Sealing;

/// <summary>Whose disk a local file is on; bound into it.</summary>
/// <param name="Partition">The silo's name.</param>
public sealed record LocalPlace(Region Region, string Partition);

/// <summary>A key of a partition (PDK) and its version.</summary>
public sealed record LocalKey(ulong Version, Secret Key);

/// <summary>
/// A small file on a silo's own disk, sealed under the partition key that Control hands out at start
/// (docs/formats/local-file.md): with the disk alone nobody reads it. Replaced whole, durable when written.
/// </summary>
/// <param name="name">Bound into it, beside place and key version: a file under another name never opens.</param>
public sealed class LocalFile(string path, string name, LocalPlace place, IDurableFiles files, IRandom random)
{
    /// <summary>What is longer belongs into a store.</summary>
    public const int ContentBytesMax = 1 << 20;

    private const int HeadBytes = 16;
    private const int VersionAt = 4;
    private const int KeyVersionAt = 8;
    private const byte Version = 1;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static ReadOnlySpan<byte> Magic => "AMD1"u8;
    private static ReadOnlySpan<byte> Label => "ama/local-file@v1\0"u8;

    /// <summary>Null: there is none.</summary>
    /// <param name="keyOf">The key of a version; null: it is gone.</param>
    /// <exception cref="SealException">
    /// Damaged, of another place or name, of a format not known here; Context: its key is gone.
    /// </exception>
    public (ulong KeyVersion, byte[] Content)? Read(Func<ulong, Secret?> keyOf)
    {
        if (!File.Exists(path)) return null;
        SealException.Unless(new FileInfo(path).Length <= LengthMax, SealFault.Limit, "too long to be a local file");
        var bytes = File.ReadAllBytes(path);
        SealException.Unless(
            bytes.Length >= HeadBytes + Cobblestone.HeadBytes + Cobblestone.TagBytes, SealFault.Truncated, "no whole local file");
        SealException.Unless(bytes.AsSpan().StartsWith(Magic), SealFault.Format, "not a local file");
        SealException.Unless(
            bytes[VersionAt] == Version && bytes.AsSpan(VersionAt + 1, 3).IndexOfAnyExcept((byte)0) < 0,
            SealFault.Reserved, "a version of the format not known here");
        var version = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(KeyVersionAt));
        var key = keyOf(version) ?? throw new SealException(SealFault.Context, "its partition key is gone");
        return (version, Cobblestone.Open(key.Span, Context(bytes), bytes.AsSpan(HeadBytes)));
    }

    /// <summary>Durable when it returns; the file before it stays whole until then.</summary>
    public void Write(LocalKey key, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, ContentBytesMax);
        var head = new byte[HeadBytes];
        Magic.CopyTo(head);
        head[VersionAt] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(KeyVersionAt), key.Version);
        var body = Cobblestone.Seal(key.Key.Span, Context(head), content, random);
        var unfinished = path + ".new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(unfinished, options))
        {
            stream.Write([.. head, .. body]);
            files.SyncFile(stream.SafeFileHandle);
        }
        files.Replace(unfinished, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static long LengthMax => HeadBytes + Cobblestone.SealedLength(ContentBytesMax);

    /// <summary>Region's name ‖ 00 ‖ partition ‖ 00 ‖ file's name: neither name has a zero byte.</summary>
    private byte[] Context(ReadOnlySpan<byte> file) =>
        [.. Label, .. file[..HeadBytes], .. Encoding.UTF8.GetBytes($"{place.Region.Text()}\0{place.Partition}\0{name}")];
}
