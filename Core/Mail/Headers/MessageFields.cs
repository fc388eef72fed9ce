using MimeKit.Utils;

namespace AMA.Mail.Headers;

/// <summary>The fields of the message itself that AMA shows and finds it by.</summary>
internal sealed class MessageFields
{
    private readonly byte[] _bytes;
    private readonly HeaderBlock _block;
    private int _addresses;

    private MessageFields(byte[] bytes, HeaderBlock block) => (_bytes, _block) = (bytes, block);

    /// <summary>What the header says; bodies and attachments are still to come.</summary>
    public static ParsedMail Read(byte[] bytes, HeaderBlock block) => new MessageFields(bytes, block).Read();

    private MailFlags _flags;

    private ParsedMail Read()
    {
        var from = People("From");
        var to = People("To");
        var cc = People("Cc");
        var bcc = People("Bcc");
        var mail = new ParsedMail
        {
            MessageId = MessageIdOf(_bytes, _block),
            Subject = _block.First("Subject") is { } subject ? FieldText.Decode(_bytes, subject) : "",
            From = string.Join(", ", Displays(from)),
            To = Displays(to),
            Cc = Displays(cc),
            Bcc = Displays(bcc),
            SenderAddresses = Addresses(from, People("Sender"), People("Resent-From"), People("Resent-Sender")),
            RecipientAddresses = Addresses(to, cc, bcc, People("Resent-To"), People("Resent-Cc"), People("Resent-Bcc"),
                People("Delivered-To"), People("X-Original-To")),
            ReplyToAddresses = Addresses(People("Reply-To")),
            Date = Date(),
            Headers = [.. _block.Fields.Select(field => new MailHeader(field.Name, FieldText.Decode(_bytes, field)))],
        };
        return mail with { Flags = Oddities(mail) };
    }

    private List<Mailbox> People(string name)
    {
        var people = new List<Mailbox>();
        foreach (var field in _block.Fields)
            if (field.Is(name)) people.AddRange(Mailboxes.Of(_bytes, field).Take(MailLimits.AddressesMax - _addresses));
        _addresses += people.Count;
        if (_addresses >= MailLimits.AddressesMax) _flags |= MailFlags.PartlyIndexed;
        return people;
    }

    private static string[] Displays(List<Mailbox> people) =>
        [.. people.Select(p => p.Display).Where(display => display.Length > 0)];

    private static string[] Addresses(params IEnumerable<List<Mailbox>> fields) =>
        [.. fields.SelectMany(people => people).Select(p => p.Address).Where(address => address.Length > 0).Distinct()];

    /// <summary>Without brackets; empty when there is none.</summary>
    public static string MessageIdOf(byte[] bytes, HeaderBlock block) =>
        block.First("Message-ID") is { } field ? BareId(FieldText.Decode(bytes, field)) : "";

    public static string BareId(string text)
    {
        var open = text.IndexOf('<');
        var close = open < 0 ? -1 : text.IndexOf('>', open);
        return close > open ? text[(open + 1)..close].Trim() : text.Trim('<', '>', ' ');
    }

    private DateTimeOffset? Date()
    {
        if (_block.First("Date") is not { } field) return null;
        var read = DateUtils.TryParse(_bytes, field.Start, field.Length, out var date);
        return read && date != DateTimeOffset.MinValue ? date : null;
    }

    private MailFlags Oddities(ParsedMail mail)
    {
        var flags = _flags | _block.Flags;
        if (_block.Fields.Count == 0) flags |= MailFlags.Unparsed;
        if (mail.MessageId.Length == 0) flags |= MailFlags.NoMessageId;
        if (mail.Date is null) flags |= MailFlags.NoDate;
        if (mail.SenderAddresses.Count == 0) flags |= MailFlags.NoFrom;
        if (Single.Any(name => _block.Fields.Count(field => field.Is(name)) > 1)) flags |= MailFlags.RepeatedHeader;
        return flags;
    }

    /// <summary>RFC 5322 §3.6: these stand at most once.</summary>
    private static readonly string[] Single =
        ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "Date"];
}
