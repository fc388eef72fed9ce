using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Log.Merkle;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// An entry as it is kept: its JSON, the nonce of the request it answers, if it was granted, and 32 random bytes that
/// blind its leaf: who sees the tree learns nothing of entries that aren't shown to them, not even by guessing.
/// </summary>
public sealed record AuditLine(byte[] Entry, byte[]? Nonce, byte[] Salt)
{
    public const int SaltBytes = 32;

    public byte[] LeafHash() => AuditLeaf.HashOf(Salt, Entry);
}

/// <summary>
/// One blob of the audit log, "AMC1": head of 64 bytes in the clear, so that the chain can be checked without keys,
/// then the lines, sealed and bound to the head. docs/formats/control-state.md, "Audit".
/// </summary>
/// <param name="Previous">SHA-256 of the blob before; zero for the first.</param>
/// <param name="FirstEntry">How many entries all blobs before it hold.</param>
public sealed record AuditBatch(
    ulong Number, DateTimeOffset Time, byte[] Previous, long FirstEntry, IReadOnlyList<AuditLine> Lines)
{
    public const int LinesMax = 512;
    public const int HashBytes = SHA256.HashSizeInBytes;
    public const int HeadBytes = 64;

    /// <summary>All batches, and nothing else, have names that begin so.</summary>
    public const string Prefix = "log/";

    private const int NonceBytes = 32;
    private static readonly byte[] Magic = [.. "AMC1"u8, 2, 0, 0, 0];

    public static string NameOf(ulong number) => $"{Prefix}{number:D12}.amc1";

    public byte[] Seal(Secret key, IRandom random)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], Number);
        BinaryPrimitives.WriteInt64BigEndian(head[16..], Time.ToUnixTimeMilliseconds());
        Previous.CopyTo(head[24..]);
        BinaryPrimitives.WriteInt64BigEndian(head[56..], FirstEntry);
        return [.. head, .. Cobblestone.Seal(key.Span, head, EncodeLines(), random)];
    }

    /// <summary>Throws <see cref="SealException"/> for anything but a whole batch sealed with this key.</summary>
    public static AuditBatch Open(Secret key, ReadOnlySpan<byte> blob)
    {
        if (blob.Length < HeadBytes || !blob[..Magic.Length].SequenceEqual(Magic))
            throw new SealException(SealFault.Format, "not an audit batch");
        var head = blob[..HeadBytes];
        var lines = DecodeLines(Cobblestone.Open(key.Span, head, blob[HeadBytes..]));
        return new(
            BinaryPrimitives.ReadUInt64BigEndian(head[8..]), TimeOf(head), head[24..56].ToArray(),
            BinaryPrimitives.ReadInt64BigEndian(head[56..]), lines);
    }

    /// <param name="head">At least <see cref="HeadBytes"/> from the blob's beginning.</param>
    public static DateTimeOffset TimeOf(ReadOnlySpan<byte> head) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(head[16..]));

    /// <summary>Each line: nonce length (0 or 32), nonce, salt, entry length u32, entry. Lengths, never separators: no
    /// text in a name can end a line.</summary>
    private byte[] EncodeLines()
    {
        using var stream = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var (entry, nonce, salt) in Lines)
        {
            stream.WriteByte((byte)(nonce?.Length ?? 0));
            stream.Write(nonce);
            stream.Write(salt);
            BinaryPrimitives.WriteInt32BigEndian(length, entry.Length);
            stream.Write(length);
            stream.Write(entry);
        }
        return stream.ToArray();
    }

    private static List<AuditLine> DecodeLines(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<AuditLine>();
        while (bytes.Length > 0)
        {
            int nonceBytes = bytes[0];
            var saltAt = 1 + nonceBytes;
            var entryAt = saltAt + AuditLine.SaltBytes + 4;
            if (nonceBytes is not (0 or NonceBytes) || bytes.Length < entryAt) throw Torn();
            var nonce = nonceBytes == 0 ? null : bytes.Slice(1, nonceBytes).ToArray();
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(entryAt - 4)..]);
            if (length < 0 || length > bytes.Length - entryAt) throw Torn();
            var salt = bytes.Slice(saltAt, AuditLine.SaltBytes).ToArray();
            lines.Add(new(bytes.Slice(entryAt, length).ToArray(), nonce, salt));
            bytes = bytes[(entryAt + length)..];
        }
        return lines;
    }

    private static SealException Torn() => new(SealFault.Format, "a torn audit line");
}
