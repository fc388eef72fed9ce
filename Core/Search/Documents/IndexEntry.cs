using AMA.Archive.Ids;

namespace AMA.Search.Documents;

/// <summary>Where a sealed message or delivery lies, and its leaf.</summary>
/// <param name="Number">The record's number in the pack.</param>
public readonly record struct RecordPlace(Guid Pack, int Number, uint Leaf, uint TreeGeneration);

/// <summary>One acceptance, as far as the index keeps it.</summary>
/// <param name="Place">The sealed message for the first delivery, the sealed delivery for a further one.</param>
/// <param name="Sender">The reverse path; empty for the null path.</param>
public sealed record IndexedDelivery(
    DeliveryId Id, RecordPlace Place, DateTimeOffset AcceptedAt, string Sender, IReadOnlyList<string> Recipients);

/// <summary>A record for the index. Strings as people read them; addresses in any case.</summary>
public sealed record IndexEntry
{
    public required RecordId Id { get; init; }

    /// <summary>HMAC-SHA-256(IDK, raw bytes), 32 bytes.</summary>
    public required ReadOnlyMemory<byte> DedupeTag { get; init; }

    /// <summary>
    /// Index of the record's leaf in the tenant's log: what the leaf of a further delivery refers to.
    /// </summary>
    public ulong LogIndex { get; init; }

    /// <summary>
    /// The delivery that brought the record; its envelope makes the record visible, as the header's people do.
    /// </summary>
    public required IndexedDelivery First { get; init; }

    /// <summary>Bytes as received.</summary>
    public required long Size { get; init; }

    /// <summary>Without brackets; empty when there is none.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>Of the mail that a journal report is about, in the same form.</summary>
    public string JournaledId { get; init; } = "";
    public string Subject { get; init; } = "";
    public string From { get; init; } = "";
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Shown nowhere, found by <c>to:</c>.</summary>
    public IReadOnlyList<string> CcBcc { get; init; } = [];

    public IReadOnlyList<string> SenderAddresses { get; init; } = [];
    public IReadOnlyList<string> RecipientAddresses { get; init; } = [];
    public IReadOnlyList<string> ReplyToAddresses { get; init; } = [];

    /// <summary>The Date header; null: the first delivery's time stands in.</summary>
    public DateTimeOffset? Date { get; init; }

    public string Text { get; init; } = "";
    public string HiddenText { get; init; } = "";

    /// <summary>Attachments' file names.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    public uint Flags { get; init; }
}

/// <summary>A further delivery of a record: makes it visible to the people of its envelope.</summary>
public sealed record DeliveryEntry(RecordId Record, IndexedDelivery Delivery);

/// <summary>A live record that a dedupe tag belongs to.</summary>
/// <param name="LogIndex">Index of its leaf in the tenant's log.</param>
public readonly record struct TaggedRecord(RecordId Id, ulong LogIndex);
