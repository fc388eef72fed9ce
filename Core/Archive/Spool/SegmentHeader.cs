using System.Buffers.Binary;
using AMA.Archive.Ids;

namespace AMA.Archive.Spool;

/// <summary>The public half of a week's queue key, as Control's signed document gives it.</summary>
/// <param name="KeyId">The week's number.</param>
/// <param name="PublicKey">X25519, 32 bytes.</param>
public sealed record QueuePublicKey(
    ulong KeyId, byte[] PublicKey, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>What a gateway states in a new segment's header.</summary>
/// <param name="GatewayId">New at each start of a gateway: sequence numbers count within it.</param>
/// <param name="Created">Must lie in the queue key's validity.</param>
public sealed record SegmentHeader(
    SegmentId Id, Guid GatewayId, Region Region, DateTimeOffset Created, QueuePublicKey QueueKey);

/// <summary>
/// The fixed first 96 bytes of a segment: docs/formats/AMQ1.md. What is read from them is a claim until the signature
/// has been checked.
/// </summary>
public sealed record SegmentHead(
    ulong QueueKeyId, SegmentId Id, Guid GatewayId, DateTimeOffset Created, Region Region, byte[] Kem,
    int CertificateBytes)
{
    public const int FixedBytes = 64;
    public const int KemBytes = 32;

    /// <summary>Fixed fields and the key exchange's share: all that opening a record needs.</summary>
    public const int Bytes = FixedBytes + KemBytes;

    private const byte Version = 1;
    private const byte SuiteX25519 = 1;
    private const ulong CreatedMax = 253_402_300_799_999;

    private static ReadOnlySpan<byte> Magic => "AMQ1"u8;

    internal void Write(Span<byte> to)
    {
        to[..Bytes].Clear();
        Magic.CopyTo(to);
        to[4] = Version;
        to[5] = SuiteX25519;
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], QueueKeyId);
        Id.Write(to[16..]);
        GatewayId.TryWriteBytes(to[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(to[48..], Created.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteUInt16BigEndian(to[56..], (ushort)Region);
        BinaryPrimitives.WriteUInt16BigEndian(to[58..], KemBytes);
        BinaryPrimitives.WriteUInt16BigEndian(to[60..], checked((ushort)CertificateBytes));
        Kem.CopyTo(to[FixedBytes..]);
    }

    /// <summary>Throws <see cref="SegmentException"/>: Truncated, Format, Reserved, Region, Limit.</summary>
    public static SegmentHead Read(ReadOnlySpan<byte> bytes)
    {
        SegmentException.Unless(bytes.Length >= Bytes, SegmentFault.Truncated, "no whole header");
        CheckFixed(bytes);
        var created = BinaryPrimitives.ReadUInt64BigEndian(bytes[48..]);
        SegmentException.Unless(created <= CreatedMax, SegmentFault.Format, "made after the year 9999");
        var certificate = BinaryPrimitives.ReadUInt16BigEndian(bytes[60..]);
        SegmentException.Unless(
            certificate is > 0 and <= SegmentLimits.CertificateBytesMax, SegmentFault.Limit, "certificate's length");
        return new SegmentHead(
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), SegmentId.Read(bytes[16..]),
            new Guid(bytes[32..48], bigEndian: true), DateTimeOffset.FromUnixTimeMilliseconds((long)created),
            (Region)BinaryPrimitives.ReadUInt16BigEndian(bytes[56..]), bytes[FixedBytes..Bytes].ToArray(), certificate);
    }

    private static void CheckFixed(ReadOnlySpan<byte> bytes)
    {
        SegmentException.Unless(bytes[..4].SequenceEqual(Magic), SegmentFault.Format, "not a spool segment");
        SegmentException.Unless(bytes[4] == Version, SegmentFault.Reserved, $"version {bytes[4]}");
        SegmentException.Unless(bytes[5] == SuiteX25519, SegmentFault.Reserved, $"suite {bytes[5]}");
        SegmentException.Unless(bytes[6] == 0 && bytes[7] == 0, SegmentFault.Reserved, "flags");
        SegmentException.Unless(bytes[62] == 0 && bytes[63] == 0, SegmentFault.Reserved, "bytes 62 and 63");
        var region = (Region)BinaryPrimitives.ReadUInt16BigEndian(bytes[56..]);
        SegmentException.Unless(region is Region.Eu or Region.Us, SegmentFault.Reserved, $"region {region}");
        var kem = BinaryPrimitives.ReadUInt16BigEndian(bytes[58..]);
        SegmentException.Unless(kem == KemBytes, SegmentFault.Format, $"a key share of {kem} B");
    }
}

/// <summary>Names of what belongs to a segment.</summary>
public static class SegmentNames
{
    public const string Prefix = "segments/";
    private const string Suffix = ".amq1";

    /// <summary>In every spool store.</summary>
    public static string Of(SegmentId id) => $"{Prefix}{id}{Suffix}";

    /// <summary>In the primary store: everything in the segment is archived, and nothing may bring it back.</summary>
    public static string DoneOf(SegmentId id) => $"done/{id}";

    /// <summary>False: some other file, which the spool reader reports and leaves alone.</summary>
    public static bool TryParse(string name, out SegmentId id)
    {
        id = default;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(Suffix, StringComparison.Ordinal))
            return false;
        var text = name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length);
        if (!Guid.TryParseExact(text, "N", out var value)) return false;
        id = new SegmentId(value);
        return Of(id) == name;
    }
}
