using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Mail;
using AMA.Search.Documents;

namespace AMA.Grains.Archive.Index;

/// <summary>What one log batch adds to an index.</summary>
/// <remarks>Until the batch is committed, an entry's log index counts from the batch's first leaf.</remarks>
public sealed record IndexBatch(IReadOnlyList<IndexEntry> Entries, IReadOnlyList<DeliveryEntry> Deliveries)
{
    /// <summary>Sealed anew: each takes the place of what the index has under its id.</summary>
    public bool IsResealed { get; init; }

    /// <summary>With log indexes as they are after the commit.</summary>
    public IndexBatch At(ulong firstLeafIndex) => this with
    {
        Entries = [.. Entries.Select(e => e with { LogIndex = firstLeafIndex + e.LogIndex })],
    };
}

/// <summary>Index documents of archived messages, alike at ingest and when they are made again from a pack.</summary>
public static class IndexDocuments
{
    public static IndexEntry Record(
        TaggedRecord record, byte[] tag, IndexedDelivery first, long size, ParsedMail mail) => new()
    {
        Id = record.Id,
        LogIndex = record.LogIndex,
        DedupeTag = tag,
        First = first,
        Size = size,
        MessageId = mail.MessageId,
        JournaledId = mail.JournaledId,
        Subject = mail.Subject,
        From = mail.From,
        To = mail.To,
        CcBcc = [.. mail.Cc, .. mail.Bcc],
        SenderAddresses = mail.SenderAddresses,
        RecipientAddresses = mail.RecipientAddresses,
        ReplyToAddresses = mail.ReplyToAddresses,
        Date = mail.Date,
        Text = mail.Text,
        HiddenText = mail.HiddenText,
        Attachments = [.. mail.Attachments.Select(a => a.Name).Where(n => n.Length > 0)],
        Flags = (uint)mail.Flags,
    };

    public static IndexedDelivery Delivery(DeliveryId id, RecordPlace place, Envelope envelope) => new(
        id, place, envelope.Trace.AcceptedAt, envelope.Sender, [.. envelope.Recipients.Select(r => r.Address)]);
}
