using System.Buffers.Binary;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

public enum LeafType : byte
{
    Archived = 1,
    Punctured = 2,
    EpochDestroyed = 3,
    Hold = 4,
    HoldOff = 5,
    Release = 6,
    Policy = 7,
    Resealed = 8,
    Delivery = 9,
    Takeover = 10,
}

/// <summary>One event of a tenant's archive, as it stands in the Merkle log: 160 bytes, docs/formats/AML1.md.</summary>
/// <param name="Time">UTC, whole milliseconds.</param>
/// <param name="Leaf">Of the epoch's key tree.</param>
/// <param name="RefIndex">Type 8: index of the leaf that it replaces. Type 9: index of the record's own leaf in this log. Type 10: the fence. Otherwise 0.</param>
/// <param name="ContainerSha256">Of the whole AMA1: Backup checks it without a key. 32 bytes, zeroes where there is
/// none.</param>
/// <param name="ContentCommit">Commits to the raw bytes until the opening is shredded. 32 bytes or zeroes.</param>
/// <param name="ReasonHash">Salted hash of a case's reason. 32 bytes or zeroes.</param>
public sealed record LogLeaf(
    LeafType Type, Region Region, uint Epoch, DateTimeOffset Time, TenantId Tenant, RecordId Record, uint Leaf,
    ushort Class, ushort TreeGeneration, ulong RefIndex, byte[] ContainerSha256, byte[] ContentCommit,
    byte[] ReasonHash)
{
    public const int Bytes = 160;
    public const int HashBytes = 32;

    private const byte Version = 1;
    private const ulong TimeMax = 253_402_300_799_999;

    /// <summary>The reference of type 3 when all of the part has ended, whatever its trees.</summary>
    public const ulong WholePart = 1;

    public bool IsWholePart => Type == LeafType.EpochDestroyed && RefIndex == WholePart;

    /// <summary>Stands where an event has no such hash.</summary>
    public static byte[] NoHash { get; } = new byte[HashBytes];

    public static LogLeaf Takeover(Region region, DateTimeOffset time, TenantId tenant, ulong fence) => new(
        LeafType.Takeover, region, 0, time, tenant, default, 0, 0, 0, fence, NoHash, NoHash, NoHash);

    public void Write(Span<byte> to)
    {
        to[0] = Version;
        to[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)Region);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], Epoch);
        BinaryPrimitives.WriteInt64BigEndian(to[8..], Time.ToUnixTimeMilliseconds());
        Tenant.Write(to[16..]);
        Record.Write(to[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(to[48..], Leaf);
        BinaryPrimitives.WriteUInt16BigEndian(to[52..], Class);
        BinaryPrimitives.WriteUInt16BigEndian(to[54..], TreeGeneration);
        BinaryPrimitives.WriteUInt64BigEndian(to[56..], RefIndex);
        WriteHash(ContainerSha256, to[64..]);
        WriteHash(ContentCommit, to[96..]);
        WriteHash(ReasonHash, to[128..]);
    }

    /// <summary>Throws <see cref="LogException"/>: Truncated, Reserved, Format.</summary>
    public static LogLeaf Read(ReadOnlySpan<byte> bytes)
    {
        LogException.Unless(bytes.Length >= Bytes, LogFault.Truncated, "no whole leaf");
        LogException.Unless(bytes[0] == Version, LogFault.Reserved, $"leaf version {bytes[0]}");
        var type = (LeafType)bytes[1];
        LogException.Unless(
            type is >= LeafType.Archived and <= LeafType.Takeover, LogFault.Reserved, $"leaf type {type}");
        var region = (Region)BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        LogException.Unless(region is Region.Eu or Region.Us, LogFault.Reserved, $"region {region}");
        var time = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        LogException.Unless(time <= TimeMax, LogFault.Format, "a time after the year 9999");
        return new LogLeaf(
            type, region, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            DateTimeOffset.FromUnixTimeMilliseconds((long)time), TenantId.Read(bytes[16..]), RecordId.Read(bytes[32..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[48..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[52..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[54..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[56..]),
            bytes[64..96].ToArray(), bytes[96..128].ToArray(), bytes[128..160].ToArray());
    }

    private static void WriteHash(byte[] hash, Span<byte> to)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashBytes);
        hash.CopyTo(to);
    }
}
