using AMA.Archive.Ids;

namespace AMA.Archive.Spool;

/// <summary>
/// What SMTP said about one acceptance: whose it is, from whom, to whom, and how it came. Sealed with the message,
/// never added to it. Encoded as TLV: docs/formats/envelope.md.
/// </summary>
/// <param name="Sender">The reverse path (RFC 5321 §4.1.1.2) without brackets; empty for the null path.</param>
public sealed record Envelope(
    TenantId Tenant,
    string Sender,
    IReadOnlyList<EnvelopeRecipient> Recipients,
    ReceiveTrace Trace);

/// <summary>A forward path that was accepted, as the client wrote it, and the mailbox it stands for.</summary>
public readonly record struct EnvelopeRecipient(string Address, MailboxId Mailbox);

/// <param name="AcceptedAt">When the end of DATA was read; UTC, whole milliseconds. Decides the retention
/// epoch.</param>
/// <param name="TlsProtocol">"TLSv1.3" and the like.</param>
/// <param name="Helo">The client's EHLO or HELO argument, as it came.</param>
public sealed record ReceiveTrace(
    DateTimeOffset AcceptedAt,
    string ClientAddress,
    string Helo,
    string TlsProtocol,
    string TlsCipher,
    string? AuthIdentity,
    bool SmtpUtf8,
    bool EightBitMime,
    long? DeclaredSize,
    string? EnvelopeId);
