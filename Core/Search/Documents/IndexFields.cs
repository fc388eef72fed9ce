using Lucene.Net.Documents;
using Lucene.Net.Index;

namespace AMA.Search.Documents;

/// <summary>
/// The fields of the index. A record is one document; each further delivery is a small one of its own, without a date
/// and with other fields, so that no question about records ever meets it.
/// </summary>
internal static class IndexFields
{
    /// <summary>Bodies, positions kept.</summary>
    public const string Body = "body";

    /// <summary>All words outside bodies: a question without a field asks here and in <see cref="Body"/>.</summary>
    public const string Head = "head";
    public const string From = "from";
    public const string To = "to";
    public const string Subject = "subject";
    public const string FileName = "file";
    public const string MessageId = "mid";

    /// <summary>Record id, 16 bytes: a term of records, a value of records and deliveries.</summary>
    public const string Id = "id";

    /// <summary>Record id, a term of deliveries.</summary>
    public const string DeliveryOf = "of";
    /// <summary>Delivery id, 20 bytes: a term of deliveries.</summary>
    public const string DeliveryId = "did";
    public const string Tag = "tag";

    /// <summary>Index of the record's leaf in the tenant's log.</summary>
    public const string LogIndex = "log";

    /// <summary>Addresses of a record: header and first envelope. Who has one of them sees it.</summary>
    public const string Seen = "seen";

    /// <summary>Addresses of a further delivery's envelope.</summary>
    public const string DeliverySeen = "dseen";

    /// <summary>Recipients of a further delivery.</summary>
    public const string DeliveryTo = "dto";

    /// <summary>Milliseconds since 1970 that decide the order; only records have it.</summary>
    public const string Date = "date";

    /// <summary>What is shown without opening the message: <see cref="StoredRecord"/>.</summary>
    public const string Stored = "stored";

    /// <summary>Words with positions; answers are ordered by date, so nothing is kept for scores.</summary>
    public static FieldType WordsType { get; } = new FieldType
    {
        IsIndexed = true,
        IsTokenized = true,
        OmitNorms = true,
        IndexOptions = IndexOptions.DOCS_AND_FREQS_AND_POSITIONS,
    }.Freeze();

    public static FieldType ExactType { get; } = new FieldType
    {
        IsIndexed = true,
        IsTokenized = true,
        OmitNorms = true,
        IndexOptions = IndexOptions.DOCS_ONLY,
    }.Freeze();
}
