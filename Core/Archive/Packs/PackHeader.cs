using System.Buffers.Binary;
using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// What all sealed messages of a pack have in common; it stands once, in front. docs/formats/AMP1.md.
/// </summary>
/// <param name="PackId">Random; also in the blob's name, so that a pack under another's name is refused.</param>
/// <param name="PolicyHash">As in <see cref="AmaHeader"/>, 32 bytes.</param>
public sealed record PackHeader(
    Guid PackId, Region Region, RetentionPart Part, byte[] PolicyHash, uint TreeGeneration)
{
    public const int Bytes = 96;

    private const byte Version = 1;
    private const byte Suite = 1;

    private static ReadOnlySpan<byte> Magic => "AMP1"u8;

    /// <summary>Whether a message belongs in this pack.</summary>
    public bool Fits(AmaHeader message) =>
        message.Region == Region && message.Part == Part && message.TreeGeneration == TreeGeneration
        && message.PolicyHash.AsSpan().SequenceEqual(PolicyHash);

    /// <summary>Writes 96 bytes.</summary>
    public void Write(Span<byte> destination)
    {
        AmaHeader.CheckValues(AmaCompression.None, 0, (ushort)Region);
        ArgumentOutOfRangeException.ThrowIfNotEqual(PolicyHash.Length, AmaHeader.PolicyHashBytes);
        var bytes = destination[..Bytes];
        bytes.Clear();
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        bytes[5] = Suite;
        bytes[7] = Cobblestone.ChunkShift;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[8..], (ushort)Region);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[10..], Part.Class);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], Part.Epoch);
        Part.Tenant.Write(bytes[16..]);
        PackId.TryWriteBytes(bytes[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[48..], TreeGeneration);
        PolicyHash.CopyTo(bytes[64..]);
    }

    /// <summary>Throws <see cref="SealException"/>: Truncated, Format, Reserved.</summary>
    public static PackHeader Read(ReadOnlySpan<byte> source)
    {
        SealException.Unless(source.Length >= Bytes, SealFault.Truncated, "no whole pack header");
        var bytes = source[..Bytes];
        SealException.Unless(bytes[..4].SequenceEqual(Magic), SealFault.Format, "not a pack");
        SealException.Unless(bytes[4] == Version && bytes[5] == Suite, SealFault.Reserved, "unknown version or suite");
        var known = bytes[6] == 0 && bytes[7] == Cobblestone.ChunkShift && bytes[52..64].IndexOfAnyExcept((byte)0) < 0;
        SealException.Unless(known, SealFault.Reserved, "unknown layout");
        var region = BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]);
        AmaHeader.CheckValues(AmaCompression.None, 0, region);
        var part = new RetentionPart(
            TenantId.Read(bytes[16..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]));
        return new PackHeader(
            new Guid(bytes.Slice(32, 16), bigEndian: true), (Region)region, part, bytes[64..].ToArray(),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[48..]));
    }
}
