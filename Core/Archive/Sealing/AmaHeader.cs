using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Retention;

namespace AMA.Archive.Sealing;

/// <summary>
/// The open part of a sealed message, bytes 0 to 127 of "AMA1" (docs/formats/AMA1.md). Every byte of it goes into the
/// key derivation: a changed header fails at the commitment.
/// </summary>
/// <param name="Compression">See <see cref="AmaCompression"/>.</param>
/// <param name="Flags">See <see cref="AmaFlags"/>.</param>
/// <param name="Leaf">Whose key seals the message, in the part's tree of generation <paramref
/// name="TreeGeneration"/>.</param>
/// <param name="SealedAt">UTC, whole milliseconds.</param>
/// <param name="PolicyHash">SHA-256 of the retention policy in force; zeroes when there is none.</param>
public sealed record AmaHeader(
    byte Compression, byte Flags, Region Region, RetentionPart Part, RecordId Id, uint Leaf, DateTimeOffset SealedAt,
    byte[] PolicyHash, uint TreeGeneration)
{
    /// <summary>Length of the header.</summary>
    public const int Bytes = 128;

    /// <summary>Where the chunks begin in a sealed message.</summary>
    public const int ChunksAt = Bytes + Cobblestone.HeadBytes;

    public const int PolicyHashBytes = 32;

    private const byte Version = 1;
    private const byte Suite = 1;
    private const int ZeroesAt = 100;

    private static readonly long MillisecondsMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static ReadOnlySpan<byte> Magic => "AMA1"u8;

    /// <summary>A further delivery of a record: the preamble alone.</summary>
    public bool IsDeliveryOnly => (Flags & AmaFlags.DeliveryOnly) != 0;

    /// <summary>
    /// Writes 128 bytes. Throws <see cref="SealException"/> (Reserved): what no reader takes is never written.
    /// </summary>
    public void Write(Span<byte> destination)
    {
        CheckValues(Compression, Flags, (ushort)Region);
        ArgumentOutOfRangeException.ThrowIfNotEqual(PolicyHash.Length, PolicyHashBytes);
        var bytes = destination[..Bytes];
        bytes.Clear();
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        bytes[5] = Suite;
        bytes[6] = Compression;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[8..], ChunksAt);
        bytes[10] = Cobblestone.ChunkShift;
        bytes[11] = Flags;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[12..], (ushort)Region);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[14..], Part.Class);
        Part.Tenant.Write(bytes[16..]);
        Id.Write(bytes[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[48..], Part.Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[52..], Leaf);
        BinaryPrimitives.WriteInt64BigEndian(bytes[56..], SealedAt.ToUnixTimeMilliseconds());
        PolicyHash.CopyTo(bytes[64..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[96..], TreeGeneration);
    }

    /// <summary>Throws <see cref="SealException"/>: Truncated, Format, Reserved.</summary>
    public static AmaHeader Read(ReadOnlySpan<byte> source)
    {
        SealException.Unless(source.Length >= Bytes, SealFault.Truncated, "no whole header");
        var bytes = source[..Bytes];
        SealException.Unless(bytes[..4].SequenceEqual(Magic), SealFault.Format, "not a sealed message");
        CheckReserved(bytes);
        var sealedAt = BinaryPrimitives.ReadInt64BigEndian(bytes[56..]);
        SealException.Unless(sealedAt >= 0 && sealedAt <= MillisecondsMax, SealFault.Format, "no such time");
        var part = new RetentionPart(
            TenantId.Read(bytes[16..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[48..]));
        return new AmaHeader(
            bytes[6], bytes[11], (Region)BinaryPrimitives.ReadUInt16BigEndian(bytes[12..]), part,
            RecordId.Read(bytes[32..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[52..]),
            DateTimeOffset.FromUnixTimeMilliseconds(sealedAt), bytes.Slice(64, PolicyHashBytes).ToArray(),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[96..]));
    }

    /// <summary>Throws (Reserved) unless this version defines each value.</summary>
    internal static void CheckValues(byte compression, byte flags, ushort region)
    {
        var known = compression is AmaCompression.None or AmaCompression.Zstd;
        SealException.Unless(known, SealFault.Reserved, "unknown compression");
        SealException.Unless((flags & ~AmaFlags.All) == 0, SealFault.Reserved, "unknown flags");
        SealException.Unless(Enum.IsDefined((Region)region), SealFault.Reserved, "unknown region");
    }

    private static void CheckReserved(ReadOnlySpan<byte> bytes)
    {
        SealException.Unless(bytes[4] == Version, SealFault.Reserved, "unknown version");
        SealException.Unless(bytes[5] == Suite, SealFault.Reserved, "unknown suite");
        SealException.Unless(bytes[7] == 0, SealFault.Reserved, "unknown padding");
        var chunks = BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]) == ChunksAt
            && bytes[10] == Cobblestone.ChunkShift;
        SealException.Unless(chunks, SealFault.Reserved, "unknown layout of chunks");
        CheckValues(bytes[6], bytes[11], BinaryPrimitives.ReadUInt16BigEndian(bytes[12..]));
        var zero = bytes[ZeroesAt..].IndexOfAnyExcept((byte)0) < 0;
        SealException.Unless(zero, SealFault.Reserved, "the zeroes are used");
    }
}

/// <summary>
/// How the payload is compressed. 2 (dictionary) and 3 (MIME decoded) are kept for later and refused.
/// </summary>
public static class AmaCompression
{
    public const byte None = 0;
    public const byte Zstd = 1;
}

public static class AmaFlags
{
    /// <summary>A further delivery of a live record: the payload is a preamble without a message.</summary>
    public const byte DeliveryOnly = 1;

    public const byte All = DeliveryOnly;
}
