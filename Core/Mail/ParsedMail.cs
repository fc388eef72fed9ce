namespace AMA.Mail;

/// <summary>
/// What a message says, decoded for people and for the index. Made from any bytes at all: what could not be read is
/// absent or replaced and named in <see cref="Flags"/>, never an error.
/// </summary>
public sealed record ParsedMail
{
    /// <summary>RFC 5322 §3.6.4 without brackets; empty when there is none.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>
    /// Of the mail inside an Exchange journal report, without brackets; empty when this is none.
    /// </summary>
    public string JournaledId { get; init; } = "";

    /// <summary>Decoded (RFC 2047), unfolded, on one line.</summary>
    public string Subject { get; init; } = "";

    /// <summary>
    /// The From field as people read it: <c>Ada Lovelace &lt;ada@example.org&gt;</c>, several joined by ", ".
    /// </summary>
    public string From { get; init; } = "";

    /// <summary>Mailboxes of To, each as people read it.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Mailboxes of Cc.</summary>
    public IReadOnlyList<string> Cc { get; init; } = [];

    /// <summary>Mailboxes of Bcc.</summary>
    public IReadOnlyList<string> Bcc { get; init; } = [];

    /// <summary>Lower-case addresses of From, Sender, Resent-From and Resent-Sender, each once.</summary>
    public IReadOnlyList<string> SenderAddresses { get; init; } = [];

    /// <summary>
    /// Lower-case addresses of To, Cc, Bcc, their Resent- forms, Delivered-To and X-Original-To, each once.
    /// </summary>
    public IReadOnlyList<string> RecipientAddresses { get; init; } = [];

    /// <summary>
    /// Lower-case addresses of Reply-To. To be named there is neither to have sent nor to have received.
    /// </summary>
    public IReadOnlyList<string> ReplyToAddresses { get; init; } = [];

    /// <summary>The Date field with its own offset; null when missing or unreadable.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>
    /// The bodies to read, in order: plain text where the sender gave it, otherwise text made of HTML.
    /// </summary>
    public string Text { get; init; } = "";

    /// <summary>
    /// Text of the HTML twins of bodies that <see cref="Text"/> gives as plain text: for the index only.
    /// </summary>
    public string HiddenText { get; init; } = "";

    public IReadOnlyList<MailAttachment> Attachments { get; init; } = [];

    /// <summary>The header fields of the message itself, in order.</summary>
    public IReadOnlyList<MailHeader> Headers { get; init; } = [];

    public MailFlags Flags { get; init; }
}

/// <param name="Name">As written.</param>
/// <param name="Value">Unfolded and decoded (RFC 2047).</param>
public readonly record struct MailHeader(string Name, string Value);

/// <param name="Name">The file name given, without any path; empty when there is none.</param>
/// <param name="ContentType">Lower case, without parameters.</param>
/// <param name="Size">Bytes after content decoding.</param>
public sealed record MailAttachment(string Name, string ContentType, long Size);
