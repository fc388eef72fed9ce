using System.Buffers.Binary;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>
/// A leaf, with what the archive needs to find the record again and to know a delivery that comes twice.
/// </summary>
/// <param name="Delivery">The acceptance this leaf settles: types 1, 2 (a rejected double) and 9.</param>
/// <param name="Pack">The pack that holds the message.</param>
/// <param name="PackRecord">Its number in the pack, from 0; 0 without a pack.</param>
public sealed record LogEntry(LogLeaf Leaf, DeliveryId? Delivery, Guid? Pack, int PackRecord)
{
    /// <summary>
    /// Of the part that follows the leaves in a batch: flags u8 · delivery 20 · pack 16 · number u32.
    /// </summary>
    internal const int ReferenceBytes = 41;

    private const byte DeliveryBit = 1;
    private const byte PackBit = 2;

    internal void WriteReference(Span<byte> to)
    {
        to[..ReferenceBytes].Clear();
        to[0] = (byte)((Delivery is null ? 0 : DeliveryBit) | (Pack is null ? 0 : PackBit));
        Delivery?.Write(to[1..]);
        Pack?.TryWriteBytes(to[21..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(to[37..], Pack is null ? 0 : PackRecord);
    }

    /// <summary>Throws <see cref="LogException"/>: Reserved, Format.</summary>
    internal static LogEntry Read(LogLeaf leaf, ReadOnlySpan<byte> reference)
    {
        var flags = reference[0];
        LogException.Unless((flags & ~(DeliveryBit | PackBit)) == 0, LogFault.Reserved, $"entry flags {flags:x2}");
        var hasDelivery = (flags & DeliveryBit) != 0;
        var hasPack = (flags & PackBit) != 0;
        LogException.Unless(
            hasDelivery || !reference[1..21].ContainsAnyExcept((byte)0), LogFault.Format,
            "a delivery without its flag");
        LogException.Unless(
            hasPack || !reference[21..41].ContainsAnyExcept((byte)0), LogFault.Format, "a pack without its flag");
        var number = BinaryPrimitives.ReadInt32BigEndian(reference[37..]);
        LogException.Unless(number >= 0, LogFault.Format, "a pack record below zero");
        return new LogEntry(
            leaf, hasDelivery ? DeliveryId.Read(reference[1..]) : null,
            hasPack ? new Guid(reference[21..37], bigEndian: true) : null, number);
    }
}
