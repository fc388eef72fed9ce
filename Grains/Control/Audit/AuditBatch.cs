using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Audit;

/// <summary>An entry as it is kept: its JSON, and the nonce of the request it answers, if it was granted.</summary>
public readonly record struct AuditLine(byte[] Entry, byte[]? Nonce);

/// <summary>
/// One blob of the audit log, "AMC1": head of 56 bytes in the clear, so that the chain can be checked without keys,
/// then the lines, sealed and bound to the head. docs/formats/control-state.md, "Audit".
/// </summary>
/// <param name="Previous">SHA-256 of the blob before; zero for the first.</param>
public sealed record AuditBatch(ulong Number, DateTimeOffset Time, byte[] Previous, IReadOnlyList<AuditLine> Lines)
{
    public const int LinesMax = 512;
    public const int HashBytes = SHA256.HashSizeInBytes;

    private const int HeadBytes = 56;
    private const int NonceBytes = 32;
    private static readonly byte[] Magic = [.. "AMC1"u8, 1, 0, 0, 0];

    public static string NameOf(ulong number) => $"audit/{number:D12}.amc1";

    public byte[] Seal(Secret key, IRandom random)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], Number);
        BinaryPrimitives.WriteInt64BigEndian(head[16..], Time.ToUnixTimeMilliseconds());
        Previous.CopyTo(head[24..]);
        return [.. head, .. Cobblestone.Seal(key.Span, head, EncodeLines(), random)];
    }

    /// <summary>Throws <see cref="SealException"/> for anything but a whole batch sealed with this key.</summary>
    public static AuditBatch Open(Secret key, ReadOnlySpan<byte> blob)
    {
        if (blob.Length < HeadBytes || !blob[..Magic.Length].SequenceEqual(Magic))
            throw new SealException(SealFault.Format, "not an audit batch");
        var head = blob[..HeadBytes];
        var lines = DecodeLines(Cobblestone.Open(key.Span, head, blob[HeadBytes..]));
        var time = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(head[16..]));
        return new(BinaryPrimitives.ReadUInt64BigEndian(head[8..]), time, head[24..].ToArray(), lines);
    }

    /// <summary>Each line: nonce length (0 or 32), nonce, entry length u32, entry. Lengths, never separators: no text
    /// in a name can end a line.</summary>
    private byte[] EncodeLines()
    {
        var bytes = new byte[Lines.Sum(line => 5 + (line.Nonce?.Length ?? 0) + line.Entry.Length)];
        var at = 0;
        foreach (var (entry, nonce) in Lines)
        {
            bytes[at++] = (byte)(nonce?.Length ?? 0);
            nonce?.CopyTo(bytes, at);
            at += nonce?.Length ?? 0;
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), entry.Length);
            entry.CopyTo(bytes, at + 4);
            at += 4 + entry.Length;
        }
        return bytes;
    }

    private static List<AuditLine> DecodeLines(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<AuditLine>();
        while (bytes.Length > 0)
        {
            int nonceBytes = bytes[0];
            if (nonceBytes is not (0 or NonceBytes) || bytes.Length < 5 + nonceBytes) throw Torn();
            var nonce = nonceBytes == 0 ? null : bytes.Slice(1, nonceBytes).ToArray();
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(1 + nonceBytes)..]);
            bytes = bytes[(5 + nonceBytes)..];
            if (length < 0 || length > bytes.Length) throw Torn();
            lines.Add(new(bytes[..length].ToArray(), nonce));
            bytes = bytes[length..];
        }
        return lines;
    }

    private static SealException Torn() => new(SealFault.Format, "a torn audit line");
}
