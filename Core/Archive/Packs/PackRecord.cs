using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>A sealed message in a pack, as the footer lists it.</summary>
/// <param name="Number">0, 1, …: its place in the pack.</param>
/// <param name="Offset">Where the record begins in the pack.</param>
/// <param name="Length">Of the record there: 34 bytes of head, then salt, commitment and chunks.</param>
/// <param name="Sha256">Of the whole sealed message, its 128-byte header rebuilt: the log's containerSHA-256.</param>
/// <param name="Flags">See <see cref="AmaFlags"/>.</param>
/// <param name="Compression">See <see cref="AmaCompression"/>.</param>
public sealed record PackRecord(
    int Number, long Offset, long Length, RecordId Id, uint Leaf, byte[] Sha256, byte Flags, byte Compression)
{
    internal const int EntryBytes = 58;

    /// <summary>Of the whole sealed message, header included.</summary>
    public long MessageLength => Length - PackRecordHead.Bytes + AmaHeader.Bytes;

    public bool IsDeliveryOnly => (Flags & AmaFlags.DeliveryOnly) != 0;

    internal void WriteEntry(Span<byte> entry)
    {
        Id.Write(entry);
        BinaryPrimitives.WriteUInt32BigEndian(entry[16..], Leaf);
        BinaryPrimitives.WriteUInt32BigEndian(entry[20..], (uint)(Length - PackRecordHead.Bytes));
        entry[24] = Compression;
        entry[25] = Flags;
        Sha256.CopyTo(entry[26..]);
    }

    internal static PackRecord ReadEntry(int number, long offset, ReadOnlySpan<byte> entry, ushort region)
    {
        AmaHeader.CheckValues(entry[24], entry[25], region);
        var body = BinaryPrimitives.ReadUInt32BigEndian(entry[20..]);
        Cobblestone.PlainLength(body);
        return new PackRecord(
            number, offset, PackRecordHead.Bytes + (long)body, RecordId.Read(entry),
            BinaryPrimitives.ReadUInt32BigEndian(entry[16..]), entry[26..].ToArray(), entry[25], entry[24]);
    }
}

/// <summary>What stands in front of a record's bytes: the fields that its pack's header doesn't say.</summary>
internal readonly record struct PackRecordHead(
    uint BodyBytes, byte Compression, byte Flags, RecordId Id, uint Leaf, DateTimeOffset SealedAt)
{
    public const int Bytes = 34;

    /// <summary>In place of a length: the record is the last, and its end is the footer's begin.</summary>
    public const uint Streamed = uint.MaxValue;

    private static readonly long MillisecondsMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static PackRecordHead Of(AmaHeader message, uint bodyBytes) =>
        new(bodyBytes, message.Compression, message.Flags, message.Id, message.Leaf, message.SealedAt);

    public AmaHeader Rebuild(PackHeader shared) =>
        new(Compression, Flags, shared.Region, shared.Part, Id, Leaf, SealedAt, shared.PolicyHash,
            shared.TreeGeneration);

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BodyBytes);
        bytes[4] = Compression;
        bytes[5] = Flags;
        Id.Write(bytes[6..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[22..], Leaf);
        BinaryPrimitives.WriteInt64BigEndian(bytes[26..], SealedAt.ToUnixTimeMilliseconds());
    }

    /// <summary>Throws (Format) unless the head says the same as the footer.</summary>
    public static PackRecordHead Read(ReadOnlySpan<byte> bytes, PackRecord entry, bool isLast)
    {
        SealException.Unless(bytes.Length >= Bytes, SealFault.Truncated, "no whole record head");
        var sealedAt = BinaryPrimitives.ReadInt64BigEndian(bytes[26..]);
        SealException.Unless(sealedAt >= 0 && sealedAt <= MillisecondsMax, SealFault.Format, "no such time");
        var head = new PackRecordHead(
            BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4], bytes[5], RecordId.Read(bytes[6..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[22..]), DateTimeOffset.FromUnixTimeMilliseconds(sealedAt));
        var same = (head.BodyBytes == entry.Length - Bytes || (isLast && head.BodyBytes == Streamed))
            && head.Compression == entry.Compression && head.Flags == entry.Flags && head.Id == entry.Id
            && head.Leaf == entry.Leaf;
        SealException.Unless(same, SealFault.Format, $"record {entry.Number} isn't the one that the footer lists");
        return head;
    }
}
