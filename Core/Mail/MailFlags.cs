namespace AMA.Mail;

/// <summary>What was odd about a message. Values are stored in the index: never renumber.</summary>
[Flags]
public enum MailFlags : uint
{
    None = 0,

    /// <summary>No header field could be read: this is not mail, or not any more.</summary>
    Unparsed = 1 << 0,

    /// <summary>A limit of <see cref="MailLimits"/> was met: some of the message is not in the index.</summary>
    PartlyIndexed = 1 << 1,

    /// <summary>A CR or LF that is not part of a CRLF.</summary>
    BareLineEnds = 1 << 2,

    NoMessageId = 1 << 3,

    /// <summary>The Date field is missing or unreadable.</summary>
    NoDate = 1 << 4,

    /// <summary>From is missing, or names nobody.</summary>
    NoFrom = 1 << 5,

    NulBytes = 1 << 6,

    /// <summary>A line before the end of the header block is neither a field nor a continuation of one.</summary>
    BrokenHeader = 1 << 7,

    /// <summary>A field that may stand once (RFC 5322 §3.6) stands twice.</summary>
    RepeatedHeader = 1 << 8,

    /// <summary>A multipart without its boundary, or not ended by it.</summary>
    BrokenMime = 1 << 9,

    /// <summary>A character set nobody knows: its text was read as UTF-8 or Windows-1252.</summary>
    UnknownCharset = 1 << 10,

    /// <summary>Content in an encrypted form (S/MIME, OpenPGP): its text is not in the index.</summary>
    Encrypted = 1 << 11,
}

public static class MailFlagNames
{
    /// <summary>"bare-line-ends" and the like, as the API shows them, in the order of the values.</summary>
    public static string[] Of(MailFlags flags) =>
        Enum.GetValues<MailFlags>().Where(flag => flag != 0 && flags.HasFlag(flag)).Select(Name).ToArray();

    private static string Name(MailFlags flag) => string.Concat(flag.ToString()
        .Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
