using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Log;

/// <summary>
/// header 128 ‖ body (leaves, references, tallies; zstd where that is shorter) ‖ SHA-256 of all before. The hash finds
/// damage; that nobody rewrote the log is for the chain, the Backup's copy and the checkpoints to show.
/// </summary>
internal static class LogBatchCodec
{
    public const int HeadBytes = 128;

    private const byte Version = 1;
    private const byte Plain = 0;
    private const byte Compressed = 1;
    private const int EntryBytes = LogLeaf.Bytes + LogEntry.ReferenceBytes;

    private static ReadOnlySpan<byte> Magic => "AML1"u8;

    public static byte[] Encode(LogBatch batch)
    {
        var (body, compression) = Compress(BodyOf(batch));
        var bytes = new byte[HeadBytes + body.Length + LogLeaf.HashBytes];
        WriteHead(batch, compression, bytes);
        body.Span.CopyTo(bytes.AsSpan(HeadBytes));
        SHA256.HashData(bytes.AsSpan(..^LogLeaf.HashBytes), bytes.AsSpan(^LogLeaf.HashBytes..));
        return bytes;
    }

    public static LogBatch Decode(ReadOnlySpan<byte> bytes)
    {
        LogException.Unless(bytes.Length > HeadBytes + LogLeaf.HashBytes, LogFault.Truncated, "no whole batch");
        CheckHead(bytes);
        Span<byte> hash = stackalloc byte[LogLeaf.HashBytes];
        SHA256.HashData(bytes[..^LogLeaf.HashBytes], hash);
        LogException.Unless(hash.SequenceEqual(bytes[^LogLeaf.HashBytes..]), LogFault.Hash, "not the bytes written");
        var count = BinaryPrimitives.ReadUInt32BigEndian(bytes[96..]);
        LogException.Unless(count is > 0 and <= LogLimits.EntriesMax, LogFault.Limit, $"{count} entries");
        var number = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        LogException.Unless(number > 0, LogFault.Format, "batch 0");
        var tallies = BinaryPrimitives.ReadUInt32BigEndian(bytes[100..]);
        LogException.Unless(tallies <= count, LogFault.Limit, $"{tallies} tallies of {count} entries");
        var entryBytes = (int)count * EntryBytes;
        var body = Decompress(
            bytes[5], bytes[HeadBytes..^LogLeaf.HashBytes], entryBytes + (int)tallies * LogTally.Bytes);
        return new LogBatch(
            number, bytes[32..64].ToArray(), BinaryPrimitives.ReadUInt64BigEndian(bytes[64..]),
            new Guid(bytes[72..88], bigEndian: true), BinaryPrimitives.ReadUInt64BigEndian(bytes[88..]),
            ReadEntries(body, (int)count, TenantId.Read(bytes[16..])),
            LogTally.ReadAll(body.AsSpan(entryBytes), (int)count));
    }

    private static void WriteHead(LogBatch batch, byte compression, Span<byte> to)
    {
        Magic.CopyTo(to);
        to[4] = Version;
        to[5] = compression;
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], batch.Number);
        batch.Tenant.Write(to[16..]);
        batch.PreviousHash.CopyTo(to[32..]);
        BinaryPrimitives.WriteUInt64BigEndian(to[64..], batch.Fence);
        batch.WriterNonce.TryWriteBytes(to[72..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(to[88..], batch.FirstLeafIndex);
        BinaryPrimitives.WriteUInt32BigEndian(to[96..], (uint)batch.Entries.Count);
        BinaryPrimitives.WriteUInt32BigEndian(to[100..], (uint)batch.Tallies.Count);
    }

    private static void CheckHead(ReadOnlySpan<byte> bytes)
    {
        LogException.Unless(bytes[..4].SequenceEqual(Magic), LogFault.Format, "not a log batch");
        LogException.Unless(bytes[4] == Version, LogFault.Reserved, $"version {bytes[4]}");
        LogException.Unless(bytes[5] is Plain or Compressed, LogFault.Reserved, $"compression {bytes[5]}");
        var zero = !bytes[6..8].ContainsAnyExcept((byte)0) && !bytes[104..HeadBytes].ContainsAnyExcept((byte)0);
        LogException.Unless(zero, LogFault.Reserved, "reserved bytes");
    }

    private static byte[] BodyOf(LogBatch batch)
    {
        var count = batch.Entries.Count;
        var body = new byte[count * EntryBytes + batch.Tallies.Count * LogTally.Bytes];
        for (var i = 0; i < count; i++)
        {
            var entry = batch.Entries[i];
            LogException.Unless(
                entry.Leaf.Tenant == batch.Tenant, LogFault.Place, "leaves of two tenants in one batch");
            entry.Leaf.Write(body.AsSpan(i * LogLeaf.Bytes));
            entry.WriteReference(body.AsSpan(count * LogLeaf.Bytes + i * LogEntry.ReferenceBytes));
        }
        foreach (var (i, tally) in batch.Tallies.Index())
            tally.Write(body.AsSpan(count * EntryBytes + i * LogTally.Bytes));
        return body;
    }

    private static LogEntry[] ReadEntries(ReadOnlySpan<byte> body, int count, TenantId tenant)
    {
        var entries = new LogEntry[count];
        var references = body[(count * LogLeaf.Bytes)..];
        for (var i = 0; i < count; i++)
        {
            var leaf = LogLeaf.Read(body[(i * LogLeaf.Bytes)..]);
            LogException.Unless(leaf.Tenant == tenant, LogFault.Format, "a leaf of another tenant");
            entries[i] = LogEntry.Read(leaf, references.Slice(i * LogEntry.ReferenceBytes, LogEntry.ReferenceBytes));
        }
        return entries;
    }

    private static (ReadOnlyMemory<byte> Body, byte Compression) Compress(byte[] body)
    {
        var compressed = new byte[body.Length];
        var length = Zstd.Compress(body, compressed);
        return length > 0 ? (compressed.AsMemory(0, length), Compressed) : (body, Plain);
    }

    /// <summary>The length is known before: nothing in the frame decides how much memory is spent.</summary>
    private static byte[] Decompress(byte compression, ReadOnlySpan<byte> stored, int length)
    {
        try
        {
            var body = compression == Plain ? stored.ToArray() : Zstd.Decompress(stored, length);
            LogException.Unless(body.Length == length, LogFault.Format, "the body's length is wrong");
            return body;
        }
        catch (SealException fault)
        {
            throw new LogException(LogFault.Format, "the body does not decompress", fault);
        }
    }
}
