using System.Buffers;
using System.Buffers.Binary;
using Tag = AMA.Archive.Spool.EnvelopeCodec.Tag;

namespace AMA.Archive.Spool;

/// <summary>
/// An envelope's fields from 0x8010 on: docs/formats/envelope.md. Each has one encoding, and none for "nothing said".
/// </summary>
internal static class EnvelopeExtras
{
    private const int FingerprintBytes = 32;
    private const int IdBytes = 16;
    private const int NoticeHeadBytes = 5;
    private const byte ArrivalBits = 0x1f;
    private const byte NotifyBits = 0x0f;

    public static byte Checked(ArrivalFlags flags) => ((byte)flags & ~ArrivalBits) == 0 && flags != ArrivalFlags.None
        ? (byte)flags
        : throw Reserved($"arrival flags {(byte)flags:x2}");

    public static byte Checked(ReturnPart part) => part is ReturnPart.Full or ReturnPart.Headers
        ? (byte)part
        : throw Reserved($"RET {(byte)part}");

    public static byte[] Fingerprint(string hex)
    {
        var isHex = hex.Length == 2 * FingerprintBytes && hex.All(char.IsAsciiHexDigitLower);
        return isHex ? Convert.FromHexString(hex) : throw EnvelopeFields.Malformed("a certificate's SHA-256 is 64 digits");
    }

    public static ReadOnlySpan<byte> Notices(IReadOnlyList<EnvelopeRecipient> recipients)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var number = 0; number < recipients.Count; number++)
        {
            if (recipients[number].Notice is not { } notice) continue;
            var original = notice.OriginalRecipient is { } text ? EnvelopeCodec.Bytes(text) : [];
            Check(notice.Notify, original.Length, notice.OriginalRecipient is not null);
            var entry = output.GetSpan(NoticeHeadBytes + original.Length);
            BinaryPrimitives.WriteUInt16BigEndian(entry, (ushort)number);
            entry[2] = (byte)notice.Notify;
            BinaryPrimitives.WriteUInt16BigEndian(entry[3..], (ushort)original.Length);
            original.CopyTo(entry[NoticeHeadBytes..]);
            output.Advance(NoticeHeadBytes + original.Length);
        }
        return output.WrittenSpan;
    }

    /// <summary>What a field says; a field that isn't known here says nothing.</summary>
    public static ReceiveTrace Read(Tag tag, ReadOnlySpan<byte> value, ReceiveTrace trace) => tag switch
    {
        Tag.Arrival => trace with { Arrival = (ArrivalFlags)Checked((ArrivalFlags)One(value)) },
        Tag.Return => trace with { Return = (ReturnPart)Checked((ReturnPart)One(value)) },
        Tag.ClientCertificate when value.Length != FingerprintBytes => throw EnvelopeFields.Malformed("no SHA-256"),
        Tag.ClientCertificate => trace with { ClientCertificate = Convert.ToHexStringLower(value) },
        Tag.Source when value.Length != IdBytes => throw EnvelopeFields.Malformed("no id"),
        Tag.Source => trace with { Source = new Guid(value, bigEndian: true) },
        _ => trace,
    };

    public static void ReadNotices(ReadOnlySpan<byte> value, List<EnvelopeRecipient> recipients)
    {
        if (value.IsEmpty) throw EnvelopeFields.Malformed("no notice");
        var last = -1;
        while (!value.IsEmpty)
        {
            if (value.Length < NoticeHeadBytes) throw EnvelopeFields.Malformed("half a notice");
            int number = BinaryPrimitives.ReadUInt16BigEndian(value);
            var notify = (NotifyOn)value[2];
            int length = BinaryPrimitives.ReadUInt16BigEndian(value[3..]);
            value = value[NoticeHeadBytes..];
            if (number <= last || number >= recipients.Count || length > value.Length)
                throw EnvelopeFields.Malformed("a notice out of order or past the end");
            Check(notify, length, length > 0);
            var original = length == 0 ? null : EnvelopeFields.Text(value[..length]);
            recipients[number] = recipients[number] with { Notice = new DeliveryNotice(notify, original) };
            value = value[length..];
            last = number;
        }
    }

    private static void Check(NotifyOn notify, int originalBytes, bool hasOriginal)
    {
        if (((byte)notify & ~NotifyBits) != 0 || (notify.HasFlag(NotifyOn.Never) && notify != NotifyOn.Never))
            throw Reserved($"NOTIFY {(byte)notify:x2}");
        if (notify == NotifyOn.Unsaid && !hasOriginal) throw EnvelopeFields.Malformed("a notice that says nothing");
        if (hasOriginal && originalBytes is 0 or > ushort.MaxValue)
            throw EnvelopeFields.Malformed($"ORCPT of {originalBytes} B");
    }

    private static byte One(ReadOnlySpan<byte> value) =>
        value.Length == 1 ? value[0] : throw EnvelopeFields.Malformed("a field of another length than one");

    private static EnvelopeException Reserved(string what) => new(EnvelopeFault.Reserved, what);
}
