using System.Buffers.Binary;
using System.Text;
using AMA.Archive.Ids;
using Tag = AMA.Archive.Spool.EnvelopeCodec.Tag;

namespace AMA.Archive.Spool;

/// <summary>Reads an envelope's fields in their one order: ascending tags, recipients in the order given.</summary>
internal ref struct EnvelopeFields
{
    // 9999-12-31T23:59:59.999Z: the last instant a DateTimeOffset can hold.
    private const long UnixMillisecondsMax = 253_402_300_799_999;

    private ReadOnlySpan<byte> _rest;

    public static Envelope Read(ReadOnlySpan<byte> fields)
    {
        var reader = new EnvelopeFields { _rest = fields };
        var tenant = TenantId.Read(reader.Take(Tag.Tenant, 16));
        var sender = reader.TakeText(Tag.Sender);
        var recipients = reader.TakeRecipients();
        var trace = reader.TakeExtras(reader.TakeTrace(), recipients);
        if (!reader._rest.IsEmpty) throw reader.Unexpected();
        return new Envelope(tenant, sender, recipients, trace);
    }

    private List<EnvelopeRecipient> TakeRecipients()
    {
        var recipients = new List<EnvelopeRecipient>();
        while (TryTake(Tag.Recipient, out var value))
        {
            if (value.Length < 16) throw Malformed("a recipient without a mailbox");
            if (recipients.Count == EnvelopeLimits.RecipientsMax)
                throw new EnvelopeException(EnvelopeFault.Limit, "too many recipients");
            recipients.Add(new(Text(value[16..]), MailboxId.Read(value)));
        }
        return recipients.Count > 0 ? recipients : throw Malformed("no recipient");
    }

    private ReceiveTrace TakeTrace()
    {
        var acceptedAt = TakeNumber(Tag.AcceptedAt);
        if (acceptedAt > UnixMillisecondsMax) throw Malformed("acceptance after the year 9999");
        var client = TakeText(Tag.ClientAddress);
        var helo = TakeText(Tag.Helo);
        var protocol = TakeText(Tag.TlsProtocol);
        var cipher = TakeText(Tag.TlsCipher);
        var identity = TryTake(Tag.AuthIdentity, out var text) ? Text(text) : null;
        var flags = Take(Tag.Flags, 1)[0];
        if ((flags & ~(EnvelopeCodec.SmtpUtf8Bit | EnvelopeCodec.EightBitMimeBit)) != 0)
            throw new EnvelopeException(EnvelopeFault.Reserved, $"flags {flags:x2}");
        long? size = Next() == Tag.DeclaredSize ? TakeNumber(Tag.DeclaredSize) : null;
        var envelopeId = TryTake(Tag.EnvelopeId, out text) ? Text(text) : null;
        return new ReceiveTrace(
            DateTimeOffset.FromUnixTimeMilliseconds(acceptedAt), client, helo, protocol, cipher, identity,
            (flags & EnvelopeCodec.SmtpUtf8Bit) != 0, (flags & EnvelopeCodec.EightBitMimeBit) != 0, size, envelopeId);
    }

    /// <summary>The fields that a reader may pass over, those of later versions too; their tags rise.</summary>
    private ReceiveTrace TakeExtras(ReceiveTrace trace, List<EnvelopeRecipient> recipients)
    {
        var last = (Tag)0;
        while (!_rest.IsEmpty && Next() is var tag && ((ushort)tag & EnvelopeCodec.OptionalBit) != 0)
        {
            if (tag <= last) throw Malformed("fields out of order");
            last = tag;
            TryTake(tag, out var value);
            if (tag == Tag.Notices) EnvelopeExtras.ReadNotices(value, recipients);
            else trace = EnvelopeExtras.Read(tag, value, trace);
        }
        return trace;
    }

    private Tag Next()
    {
        if (_rest.IsEmpty) return 0;
        if (_rest.Length < EnvelopeCodec.FieldHeadBytes) throw Malformed("half a field");
        return (Tag)BinaryPrimitives.ReadUInt16BigEndian(_rest);
    }

    private bool TryTake(Tag tag, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (Next() != tag || _rest.IsEmpty) return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(_rest[2..]);
        if (length > _rest.Length - EnvelopeCodec.FieldHeadBytes) throw Malformed("half a field");
        value = _rest.Slice(EnvelopeCodec.FieldHeadBytes, (int)length);
        _rest = _rest[(EnvelopeCodec.FieldHeadBytes + (int)length)..];
        return true;
    }

    private ReadOnlySpan<byte> Take(Tag tag, int length)
    {
        if (!TryTake(tag, out var value)) throw Unexpected();
        return value.Length == length ? value : throw Malformed($"{tag} of {value.Length} B");
    }

    private string TakeText(Tag tag) => TryTake(tag, out var value) ? Text(value) : throw Unexpected();

    private long TakeNumber(Tag tag)
    {
        var value = BinaryPrimitives.ReadInt64BigEndian(Take(tag, 8));
        return value >= 0 ? value : throw Malformed($"{tag} is below zero");
    }

    private EnvelopeException Unexpected()
    {
        var tag = Next();
        var known = tag <= Tag.EnvelopeId || ((ushort)tag & EnvelopeCodec.OptionalBit) != 0;
        return !known
            ? new(EnvelopeFault.UnknownField, $"field {(ushort)tag} must be understood and isn't known here")
            : Malformed($"field {(ushort)tag} where another was due");
    }

    internal static EnvelopeException Malformed(string what) => new(EnvelopeFault.Format, what);

    internal static string Text(ReadOnlySpan<byte> value)
    {
        try
        {
            return EnvelopeCodec.Utf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("text is not UTF-8");
        }
    }
}
