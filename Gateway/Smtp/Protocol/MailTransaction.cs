using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>From MAIL to the end of DATA or RSET. One tenant: that of the first recipient.</summary>
/// <param name="sources">Whose source the client was at MAIL.</param>
public sealed class MailTransaction(MailPath sender, MailParameters parameters, SourceAnswer sources)
{
    /// <summary>
    /// Recipients' addresses, ORCPT's too, together: an envelope of any number of them stays far below its own limit.
    /// </summary>
    private const int AddressBytesMax = 512 * 1024;

    private readonly List<EnvelopeRecipient> _recipients = [];
    private int _addressBytes;

    public MailPath Sender { get; } = sender;

    public MailParameters Parameters { get; } = parameters;

    public SourceAnswer Sources { get; } = sources;

    /// <summary>The tenant's own limit of a message; null: none, or no recipient yet.</summary>
    public long? MessageBytesMax { get; private set; }

    /// <summary>Meaningful once there is a recipient.</summary>
    public TenantId Tenant { get; private set; }

    public IReadOnlyList<EnvelopeRecipient> Recipients => _recipients;

    /// <summary>A recipient was put off with 4xx: then "no valid recipients" is no verdict for good.</summary>
    public bool PutOff { get; set; }

    /// <summary>RCPT was tried at all.</summary>
    public bool Tried { get; set; }

    /// <summary>A BDAT has been taken: nothing but BDAT may go on with the message.</summary>
    public bool Chunked { get; set; }

    public bool TakesTenant(TenantId tenant) => _recipients.Count == 0 || Tenant == tenant;

    /// <summary>No room for another one of this length.</summary>
    public bool IsFull(MailPath recipient, DeliveryNotice? notice) =>
        _addressBytes + Size(recipient, notice) > AddressBytesMax;

    public void Add(MailPath recipient, DeliveryNotice? notice, RecipientAnswer answer)
    {
        (Tenant, MessageBytesMax) = (answer.Tenant, answer.MessageBytesMax);
        _addressBytes += Size(recipient, notice);
        _recipients.Add(new EnvelopeRecipient(recipient.Text, answer.Mailbox, notice));
    }

    private static int Size(MailPath recipient, DeliveryNotice? notice) =>
        Encoding.UTF8.GetByteCount(recipient.Text) + Encoding.UTF8.GetByteCount(notice?.OriginalRecipient ?? "");
}
