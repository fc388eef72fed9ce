using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Archive.Sealing;

/// <summary>The bytes of a preamble: docs/formats/preamble.md. One preamble has one encoding.</summary>
internal static class PreambleCodec
{
    public const int HeadBytes = 8;

    private const int FieldHeadBytes = 6;
    private const ushort OptionalBit = 0x8000;
    private const int DeliveryBytes = 20;

    private static ReadOnlySpan<byte> Magic => "AMM1"u8;

    private enum Tag : ushort
    {
        Opening = 1,
        RawSha256 = 2,
        RawLength = 3,
        Delivery = 4,
        Envelope = 5,
        LinkTag = 6,
        Flags = 7,
    }

    public static byte[] Encode(Preamble preamble)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(preamble.Opening.Length, Preamble.OpeningBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(preamble.RawSha256.Length, SHA256.HashSizeInBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(preamble.RawLength);
        if (preamble.LinkTag is { Length: not Preamble.LinkTagBytes })
            throw new ArgumentException("a link tag has 32 bytes", nameof(preamble));

        var envelope = EnvelopeCodec.Encode(preamble.Envelope);
        var bytes = new byte[LengthOf(preamble, envelope)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - HeadBytes);
        WriteFields(preamble, envelope, bytes.AsSpan(HeadBytes));
        return bytes;
    }

    /// <summary>
    /// The whole length of the preamble that begins with these bytes. Throws (Truncated, Format, Limit).
    /// </summary>
    public static int LengthOf(ReadOnlySpan<byte> head)
    {
        SealException.Unless(head.Length >= HeadBytes, SealFault.Truncated, "no whole preamble head");
        SealException.Unless(head[..4].SequenceEqual(Magic), SealFault.Format, "no preamble");
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        SealException.Unless(length <= Preamble.BytesMax - HeadBytes, SealFault.Limit, "the preamble is too long");
        return HeadBytes + (int)length;
    }

    /// <summary>The preamble at the start; <paramref name="read"/>: where it ends.</summary>
    public static Preamble Decode(ReadOnlySpan<byte> bytes, out int read)
    {
        read = LengthOf(bytes);
        SealException.Unless(bytes.Length >= read, SealFault.Truncated, "the preamble is cut short");
        var rest = bytes[HeadBytes..read];
        var preamble = new Preamble(
            Take(ref rest, Tag.Opening, Preamble.OpeningBytes).ToArray(),
            Take(ref rest, Tag.RawSha256, SHA256.HashSizeInBytes).ToArray(),
            BinaryPrimitives.ReadInt64BigEndian(Take(ref rest, Tag.RawLength, sizeof(long))),
            TakeEnvelope(ref rest, DeliveryId.Read(Take(ref rest, Tag.Delivery, DeliveryBytes)), out var delivery),
            delivery,
            TryTake(ref rest, Tag.LinkTag, out var tag) ? Sized(tag, Preamble.LinkTagBytes).ToArray() : null,
            TryTake(ref rest, Tag.Flags, out var flags) ? NotZero(Sized(flags, sizeof(uint))) : 0);
        SealException.Unless(preamble.RawLength >= 0, SealFault.Format, "a length below zero");
        SkipOptional(rest);
        return preamble;
    }

    private static int LengthOf(Preamble preamble, byte[] envelope)
    {
        var length = HeadBytes + 5 * FieldHeadBytes
            + Preamble.OpeningBytes + SHA256.HashSizeInBytes + sizeof(long) + DeliveryBytes + envelope.Length;
        if (preamble.LinkTag is not null) length += FieldHeadBytes + Preamble.LinkTagBytes;
        return preamble.Flags == 0 ? length : length + FieldHeadBytes + sizeof(uint);
    }

    private static void WriteFields(Preamble preamble, byte[] envelope, Span<byte> rest)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        Span<byte> delivery = stackalloc byte[DeliveryBytes];
        BinaryPrimitives.WriteInt64BigEndian(number, preamble.RawLength);
        preamble.Delivery.Write(delivery);
        Put(ref rest, Tag.Opening, preamble.Opening);
        Put(ref rest, Tag.RawSha256, preamble.RawSha256);
        Put(ref rest, Tag.RawLength, number);
        Put(ref rest, Tag.Delivery, delivery);
        Put(ref rest, Tag.Envelope, envelope);
        if (preamble.LinkTag is { } link) Put(ref rest, Tag.LinkTag, link);
        BinaryPrimitives.WriteUInt32BigEndian(number, preamble.Flags);
        if (preamble.Flags != 0) Put(ref rest, Tag.Flags, number[..sizeof(uint)]);
    }

    private static void Put(ref Span<byte> rest, Tag tag, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)tag);
        BinaryPrimitives.WriteInt32BigEndian(rest[2..], value.Length);
        value.CopyTo(rest[FieldHeadBytes..]);
        rest = rest[(FieldHeadBytes + value.Length)..];
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, Tag tag, int length)
    {
        SealException.Unless(TryTake(ref rest, tag, out var value), SealFault.Format, $"no {tag} where it was due");
        return Sized(value, length);
    }

    private static Envelope TakeEnvelope(ref ReadOnlySpan<byte> rest, DeliveryId read, out DeliveryId delivery)
    {
        delivery = read;
        SealException.Unless(TryTake(ref rest, Tag.Envelope, out var value), SealFault.Format, "no envelope");
        try
        {
            var envelope = EnvelopeCodec.Decode(value, out var length);
            SealException.Unless(length == value.Length, SealFault.Trailing, "bytes follow the envelope");
            return envelope;
        }
        catch (EnvelopeException e)
        {
            throw new SealException(SealFault.Content, $"the envelope is refused: {e.Fault}", e);
        }
    }

    private static ReadOnlySpan<byte> Sized(ReadOnlySpan<byte> value, int length)
    {
        SealException.Unless(value.Length == length, SealFault.Format, "a field of a wrong length");
        return value;
    }

    private static uint NotZero(ReadOnlySpan<byte> value)
    {
        var number = BinaryPrimitives.ReadUInt32BigEndian(value);
        SealException.Unless(number != 0, SealFault.Format, "no flags are written as no field");
        return number;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, Tag tag, out ReadOnlySpan<byte> value)
    {
        value = default;
        return NextTag(rest) == (ushort)tag && TakeAny(ref rest, out value);
    }

    /// <summary>Fields of later versions that a reader of this one may pass over, with rising tags.</summary>
    private static void SkipOptional(ReadOnlySpan<byte> rest)
    {
        var last = 0;
        while (rest.Length > 0)
        {
            var tag = NextTag(rest);
            var known = tag is >= (ushort)Tag.Opening and <= (ushort)Tag.Flags;
            SealException.Unless(!known && tag > last, SealFault.Format, "fields out of order");
            SealException.Unless((tag & OptionalBit) != 0, SealFault.Reserved, $"field {tag} isn't known here");
            last = tag;
            TakeAny(ref rest, out _);
        }
    }

    private static int NextTag(ReadOnlySpan<byte> rest)
    {
        if (rest.Length == 0) return 0;
        SealException.Unless(rest.Length >= FieldHeadBytes, SealFault.Format, "half a field");
        return BinaryPrimitives.ReadUInt16BigEndian(rest);
    }

    private static bool TakeAny(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest[2..]);
        SealException.Unless(length <= rest.Length - FieldHeadBytes, SealFault.Format, "half a field");
        value = rest.Slice(FieldHeadBytes, (int)length);
        rest = rest[(FieldHeadBytes + (int)length)..];
        return true;
    }
}
