using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

public enum SegmentRecordType : byte
{
    /// <summary>One acceptance: envelope, then the message's bytes as received.</summary>
    Mail = 1,
}

/// <summary>
/// Where a record lies, from the pass that checked the signature. With the segment's id this is all that travels to
/// whoever opens the record: the hash stands for the signature.
/// </summary>
/// <param name="Offset">Of the record's header in the segment.</param>
/// <param name="Length">Header and ciphertext.</param>
/// <param name="Sha256">Of those bytes.</param>
public sealed record SegmentRecord(
    uint RecNo, long Offset, long Length, byte[] Sha256, SegmentRecordType Type, byte Flags)
{
    /// <summary>Length of the plain bytes: envelope and message. Arithmetic, no key.</summary>
    public long PlainLength => Cobblestone.PlainLength(Length - RecordHeader.Bytes);
}

/// <summary>len u32 · recNo u32 · type u8 · flags u8 · zero u16; part of the record's key context.</summary>
internal readonly record struct RecordHeader(uint Length, uint RecNo, SegmentRecordType Type)
{
    public const int Bytes = 12;

    /// <summary>Length not known when the header was written: the record is the last and ends at the trailer.</summary>
    public const uint Streamed = uint.MaxValue;

    public const int ContextBytes = 20 + 16 + Bytes;

    private static ReadOnlySpan<byte> Label => "ama/queue-record@v1\0"u8;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, Length);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], RecNo);
        to[8] = (byte)Type;
        to[9..Bytes].Clear();
    }

    public static RecordHeader Read(ReadOnlySpan<byte> bytes)
    {
        SegmentException.Unless(bytes.Length >= Bytes, SegmentFault.Truncated, "no whole record header");
        var type = (SegmentRecordType)bytes[8];
        SegmentException.Unless(type == SegmentRecordType.Mail, SegmentFault.Reserved, $"record type {bytes[8]}");
        SegmentException.Unless(!bytes[9..Bytes].ContainsAnyExcept((byte)0), SegmentFault.Reserved, "record flags");
        return new RecordHeader(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), type);
    }

    /// <summary>
    /// Writes <see cref="ContextBytes"/> bytes: no record can be opened as another's, in any segment.
    /// </summary>
    public void WriteContext(SegmentId segment, Span<byte> context)
    {
        Label.CopyTo(context);
        segment.Write(context[Label.Length..]);
        Write(context[(Label.Length + 16)..]);
    }
}

/// <summary>count u32 · sequence u64 · last acknowledged u64 · signature 64.</summary>
internal static class SegmentTrailer
{
    public const int Bytes = SignedBytes + SignatureBytes;
    public const int SignedBytes = 20;
    public const int SignatureBytes = 64;

    /// <summary>Label and the SHA-256 of all before the signature: what is signed.</summary>
    public const int StatementBytes = 21 + 32;

    private static ReadOnlySpan<byte> Label => "ama/queue-segment@v1\0"u8;

    public static void Write(Span<byte> to, uint count, ulong sequence, ulong lastAcknowledged)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, count);
        BinaryPrimitives.WriteUInt64BigEndian(to[4..], sequence);
        BinaryPrimitives.WriteUInt64BigEndian(to[12..], lastAcknowledged);
    }

    public static (uint Count, ulong Sequence, ulong LastAcknowledged) Read(ReadOnlySpan<byte> bytes) => (
        BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[12..]));

    public static void WriteStatement(ReadOnlySpan<byte> sha256, Span<byte> statement)
    {
        Label.CopyTo(statement);
        sha256.CopyTo(statement[Label.Length..]);
    }
}
