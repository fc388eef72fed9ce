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
/// <param name="Notice">What RCPT said by RFC 3461; null when it said nothing.</param>
public readonly record struct EnvelopeRecipient(string Address, MailboxId Mailbox, DeliveryNotice? Notice = null);

/// <param name="OriginalRecipient">ORCPT as it came, "rfc822;a@example.org"; null when not said.</param>
public sealed record DeliveryNotice(NotifyOn Notify, string? OriginalRecipient);

/// <summary>NOTIFY of RFC 3461 §4.1; <see cref="Never"/> stands alone.</summary>
[Flags]
public enum NotifyOn : byte
{
    Unsaid = 0,
    Never = 1,
    Success = 2,
    Failure = 4,
    Delay = 8,
}

/// <summary>RET of RFC 3461 §4.3.</summary>
public enum ReturnPart : byte
{
    Unsaid = 0,
    Full = 1,
    Headers = 2,
}

/// <summary>How the octets of the message came and what is odd about them.</summary>
[Flags]
public enum ArrivalFlags : byte
{
    None = 0,

    /// <summary>BODY=BINARYMIME (RFC 3030).</summary>
    BinaryMime = 1,

    /// <summary>By BDAT, not DATA.</summary>
    Chunked = 2,

    /// <summary>A CR without an LF after it is among them. It was kept.</summary>
    BareCr = 4,

    /// <summary>An LF without a CR before it is among them. It was kept.</summary>
    BareLf = 8,

    /// <summary>
    /// The envelope of a streamed message is written before its end has come: the two flags above speak of its
    /// beginning only.
    /// </summary>
    BeginningOnly = 16,
}

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
    string? EnvelopeId)
{
    public ArrivalFlags Arrival { get; init; }

    /// <summary>SHA-256 over the DER of the client's certificate, 64 lower-case hex digits; null: it showed none.</summary>
    public string? ClientCertificate { get; init; }

    public ReturnPart Return { get; init; }

    /// <summary>The tenant's source that it came from; null: said by a gateway that knew none.</summary>
    public Guid? Source { get; init; }
}
