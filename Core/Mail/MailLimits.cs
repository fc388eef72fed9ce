namespace AMA.Mail;

/// <summary>
/// Where reading a message stops. They stand before any library sees the bytes, because a stack overflow or an
/// exhausted memory cannot be caught (threats.md, rows 6, 14, 19, 21). What lies beyond is archived all the same, and
/// the message is flagged <see cref="MailFlags.PartlyIndexed"/>.
/// </summary>
public static class MailLimits
{
    /// <summary>Bytes of one header block, of the message or of a part.</summary>
    public const int HeaderBlockBytesMax = 256 << 10;

    /// <summary>Bytes of one header field, folded lines together.</summary>
    public const int HeaderBytesMax = 64 << 10;

    public const int HeadersPerPartMax = 1_000;

    /// <summary>
    /// Bytes of one content field of a part that are read: MimeKit's work on one grows with their square.
    /// </summary>
    public const int PartFieldBytesMax = 4 << 10;

    /// <summary>Bytes of content fields of all parts of one message that are read.</summary>
    public const int PartFieldsBytesMax = 2 << 20;

    /// <summary>Parts of one message, those of attached messages included.</summary>
    public const int PartsMax = 10_000;

    /// <summary>Multiparts and attached messages inside one another.</summary>
    public const int DepthMax = 100;

    /// <summary>Addresses read from the fields of one message.</summary>
    public const int AddressesMax = 10_000;

    /// <summary>Characters of text taken from one message.</summary>
    public const int TextCharsMax = 4 << 20;

    /// <summary>Decoded bytes of one HTML body that are read.</summary>
    public const int HtmlBytesMax = 1 << 20;

    /// <summary>Decoded bytes of all HTML bodies of one message that are read.</summary>
    public const int HtmlBytesOfMessageMax = 4 << 20;

    /// <summary>Decoded bytes of all encoded attached messages of one message.</summary>
    public const long NestedBytesMax = 32 << 20;
}
