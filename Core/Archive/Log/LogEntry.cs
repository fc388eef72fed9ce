using System.Buffers.Binary;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>When a delivery was accepted, and which of the tenant's sources it came from.</summary>
/// <param name="At">UTC, whole milliseconds: the end of the message was read.</param>
/// <param name="Source">Empty: its gateway named none.</param>
public readonly record struct LogAcceptance(DateTimeOffset At, Guid Source);

/// <summary>
/// A leaf, with what the archive needs to find the record again and to know a delivery that comes twice.
/// </summary>
/// <param name="Delivery">The acceptance this leaf settles: types 1, 2 (a rejected double) and 9.</param>
/// <param name="Pack">The pack that holds the message.</param>
/// <param name="PackRecord">Its number in the pack, from 0; 0 without a pack.</param>
/// <param name="Accepted">Only with a delivery.</param>
public sealed record LogEntry(
    LogLeaf Leaf, DeliveryId? Delivery, Guid? Pack, int PackRecord, LogAcceptance? Accepted = null)
{
    /// <summary>
    /// Of the part that follows the leaves in a batch: flags u8 · delivery 20 · pack 16 · number u32 · accepted u64 ·
    /// source 16.
    /// </summary>
    internal const int ReferenceBytes = 65;

    private const byte DeliveryBit = 1;
    private const byte PackBit = 2;
    private const byte AcceptedBit = 4;
    private const ulong TimeMax = 253_402_300_799_999;

    internal void WriteReference(Span<byte> to)
    {
        to[..ReferenceBytes].Clear();
        LogException.Unless(
            Accepted is null || Delivery is not null, LogFault.Format, "an acceptance without its delivery");
        to[0] = (byte)((Delivery is null ? 0 : DeliveryBit) | (Pack is null ? 0 : PackBit)
            | (Accepted is null ? 0 : AcceptedBit));
        Delivery?.Write(to[1..]);
        Pack?.TryWriteBytes(to[21..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(to[37..], Pack is null ? 0 : PackRecord);
        if (Accepted is not { } accepted) return;
        BinaryPrimitives.WriteInt64BigEndian(to[41..], accepted.At.ToUnixTimeMilliseconds());
        accepted.Source.TryWriteBytes(to[49..], bigEndian: true, out _);
    }

    /// <summary>Throws <see cref="LogException"/>: Reserved, Format.</summary>
    internal static LogEntry Read(LogLeaf leaf, ReadOnlySpan<byte> reference)
    {
        var flags = reference[0];
        LogException.Unless((flags & ~(DeliveryBit | PackBit | AcceptedBit)) == 0, LogFault.Reserved, $"entry flags {flags:x2}");
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
            hasPack ? new Guid(reference[21..37], bigEndian: true) : null, number, ReadAccepted(flags, reference[41..65]));
    }

    private static LogAcceptance? ReadAccepted(byte flags, ReadOnlySpan<byte> from)
    {
        if ((flags & AcceptedBit) == 0)
        {
            LogException.Unless(
                !from.ContainsAnyExcept((byte)0), LogFault.Format, "an acceptance without its flag");
            return null;
        }
        LogException.Unless((flags & DeliveryBit) != 0, LogFault.Format, "an acceptance without its delivery");
        var time = BinaryPrimitives.ReadUInt64BigEndian(from);
        LogException.Unless(time <= TimeMax, LogFault.Format, "a time after the year 9999");
        return new(DateTimeOffset.FromUnixTimeMilliseconds((long)time), new Guid(from[8..24], bigEndian: true));
    }
}
