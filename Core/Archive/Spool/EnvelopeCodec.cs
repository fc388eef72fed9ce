using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AMA.Archive.Ids;

namespace AMA.Archive.Spool;

/// <summary>
/// The bytes of an envelope: docs/formats/envelope.md. An envelope has exactly one encoding; anything else is refused
/// with <see cref="EnvelopeException"/>.
/// </summary>
public static class EnvelopeCodec
{
    public const int HeadBytes = 8;
    internal const int FieldHeadBytes = 6;
    internal const ushort OptionalBit = 0x8000;
    internal const byte SmtpUtf8Bit = 1;
    internal const byte EightBitMimeBit = 2;

    /// <summary>Strict: a lone surrogate or a malformed byte is a fault, never a silent question mark.</summary>
    internal static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static ReadOnlySpan<byte> Magic => "AME1"u8;

    internal enum Tag : ushort
    {
        Tenant = 1,
        Sender = 2,
        Recipient = 3,
        AcceptedAt = 4,
        ClientAddress = 5,
        Helo = 6,
        TlsProtocol = 7,
        TlsCipher = 8,
        AuthIdentity = 9,
        Flags = 10,
        DeclaredSize = 11,
        EnvelopeId = 12,

        // Below: a reader that doesn't know them may pass over them.
        Arrival = 0x8010,
        ClientCertificate = 0x8011,
        Return = 0x8012,
        Notices = 0x8013,
        Source = 0x8014,
    }

    public static byte[] Encode(Envelope envelope)
    {
        if (envelope.Recipients.Count is 0 or > EnvelopeLimits.RecipientsMax)
            throw new EnvelopeException(EnvelopeFault.Limit, $"{envelope.Recipients.Count} recipients");
        var output = new ArrayBufferWriter<byte>(512);
        Magic.CopyTo(output.GetSpan(HeadBytes));
        output.Advance(HeadBytes);
        WriteFields(output, envelope);
        if (output.WrittenCount > EnvelopeLimits.BytesMax)
            throw new EnvelopeException(EnvelopeFault.Limit, $"envelope of {output.WrittenCount} B");
        var bytes = output.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)(bytes.Length - HeadBytes));
        return bytes;
    }

    /// <summary>
    /// The envelope at the start of <paramref name="bytes"/>; <paramref name="read"/>: where it ends.
    /// </summary>
    public static Envelope Decode(ReadOnlySpan<byte> bytes, out int read)
    {
        read = LengthOf(bytes);
        if (bytes.Length < read) throw new EnvelopeException(EnvelopeFault.Truncated, "the envelope is cut short");
        return EnvelopeFields.Read(bytes[HeadBytes..read]);
    }

    /// <summary>The whole length of the envelope whose first <see cref="HeadBytes"/> bytes are given.</summary>
    public static int LengthOf(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeadBytes) throw new EnvelopeException(EnvelopeFault.Truncated, "no whole envelope head");
        if (!head[..4].SequenceEqual(Magic)) throw new EnvelopeException(EnvelopeFault.Format, "not an envelope");
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (length > EnvelopeLimits.BytesMax - HeadBytes)
            throw new EnvelopeException(EnvelopeFault.Limit, $"envelope of {length} B");
        return HeadBytes + (int)length;
    }

    private static void WriteFields(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        var trace = envelope.Trace;
        Span<byte> id = stackalloc byte[16];
        envelope.Tenant.Write(id);
        Write(output, Tag.Tenant, id);
        WriteText(output, Tag.Sender, envelope.Sender);
        foreach (var recipient in envelope.Recipients)
        {
            recipient.Mailbox.Write(id);
            Write(output, Tag.Recipient, [.. id, .. Bytes(recipient.Address)]);
        }
        WriteNumber(output, Tag.AcceptedAt, trace.AcceptedAt.ToUnixTimeMilliseconds());
        WriteText(output, Tag.ClientAddress, trace.ClientAddress);
        WriteText(output, Tag.Helo, trace.Helo);
        WriteText(output, Tag.TlsProtocol, trace.TlsProtocol);
        WriteText(output, Tag.TlsCipher, trace.TlsCipher);
        if (trace.AuthIdentity is { } identity) WriteText(output, Tag.AuthIdentity, identity);
        Write(output, Tag.Flags, [FlagsOf(trace)]);
        if (trace.DeclaredSize is { } size) WriteNumber(output, Tag.DeclaredSize, size);
        if (trace.EnvelopeId is { } envelopeId) WriteText(output, Tag.EnvelopeId, envelopeId);
        WriteExtras(output, envelope);
    }

    private static void WriteExtras(ArrayBufferWriter<byte> output, Envelope envelope)
    {
        var trace = envelope.Trace;
        if (trace.Arrival != ArrivalFlags.None)
            Write(output, Tag.Arrival, [EnvelopeExtras.Checked(trace.Arrival)]);
        if (trace.ClientCertificate is { } certificate)
            Write(output, Tag.ClientCertificate, EnvelopeExtras.Fingerprint(certificate));
        if (trace.Return != ReturnPart.Unsaid)
            Write(output, Tag.Return, [EnvelopeExtras.Checked(trace.Return)]);
        var notices = EnvelopeExtras.Notices(envelope.Recipients);
        if (notices.Length > 0) Write(output, Tag.Notices, notices);
        if (trace.Source is { } source) Write(output, Tag.Source, source.ToByteArray(bigEndian: true));
    }

    private static byte FlagsOf(ReceiveTrace trace) =>
        (byte)((trace.SmtpUtf8 ? SmtpUtf8Bit : 0) | (trace.EightBitMime ? EightBitMimeBit : 0));

    private static void WriteText(ArrayBufferWriter<byte> output, Tag tag, string text) =>
        Write(output, tag, Bytes(text));

    internal static byte[] Bytes(string text)
    {
        try
        {
            return Utf8.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new EnvelopeException(EnvelopeFault.Format, "text with half a surrogate pair has no UTF-8 form");
        }
    }

    private static void WriteNumber(ArrayBufferWriter<byte> output, Tag tag, long value)
    {
        if (value < 0) throw new EnvelopeException(EnvelopeFault.Format, $"{tag} is below zero");
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        Write(output, tag, bytes);
    }

    private static void Write(ArrayBufferWriter<byte> output, Tag tag, ReadOnlySpan<byte> value)
    {
        var field = output.GetSpan(FieldHeadBytes + value.Length);
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)tag);
        BinaryPrimitives.WriteUInt32BigEndian(field[2..], (uint)value.Length);
        value.CopyTo(field[FieldHeadBytes..]);
        output.Advance(FieldHeadBytes + value.Length);
    }
}
