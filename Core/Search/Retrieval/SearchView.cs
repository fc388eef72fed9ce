using AMA.Archive.Ids;
using AMA.Search.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace AMA.Search.Retrieval;

/// <summary>
/// One point in time of the index. Sort dates lie in memory, 8 bytes a document: every match of every question is
/// asked for its date, and the index is written once and read often.
/// </summary>
internal sealed class SearchView : IndexSearcher
{
    private readonly LeafDates[] _dates;

    public SearchView(IndexReader reader, LeafDates[] dates) : base(reader)
    {
        _dates = dates;
        Similarity = NoScores.Instance;
    }

    public IList<AtomicReaderContext> Leaves => m_leafContexts;

    public long[] Dates(AtomicReaderContext leaf) => _dates[leaf.Ord].Milliseconds;

    public IEnumerable<LeafDates> AllDates => _dates;

    /// <summary>Without those that were taken out.</summary>
    public long Records => Leaves.Sum(RecordsOf);

    private long RecordsOf(AtomicReaderContext leaf)
    {
        var all = _dates[leaf.Ord];
        if (leaf.AtomicReader.LiveDocs is not { } live) return all.Records;
        var records = 0L;
        for (var i = 0; i < all.Milliseconds.Length; i++)
            if (all.Milliseconds[i] != LeafDates.NoDate && live.Get(i)) records++;
        return records;
    }

    public bool HasDeliveries => _dates.Any(leaf => leaf.Records < leaf.Milliseconds.Length);

    /// <summary>The smallest and the largest sort date in milliseconds; null: no record.</summary>
    public (long First, long Last)? DateRange => _dates.All(d => d.Records == 0) ? null
        : (_dates.Where(d => d.Records > 0).Min(d => d.First), _dates.Where(d => d.Records > 0).Max(d => d.Last));

    public FoundMessage Message(int document)
    {
        var stored = Stored(document);
        return StoredRecord.ReadMessage(stored.Bytes, stored.Offset, stored.Length);
    }

    public IndexedDelivery Delivery(int document)
    {
        var stored = Stored(document);
        return StoredRecord.ReadDelivery(stored.Bytes, stored.Offset, stored.Length);
    }

    private BytesRef Stored(int document) => Doc(document).GetBinaryValue(IndexFields.Stored);

    /// <summary>Documents, in this view, that have exactly this term.</summary>
    public IEnumerable<int> Documents(string field, byte[] term)
    {
        foreach (var leaf in Leaves)
        {
            var docs = leaf.AtomicReader.GetTermDocsEnum(new Term(field, new BytesRef(term)));
            if (docs is null) continue;
            while (docs.NextDoc() != DocIdSetIterator.NO_MORE_DOCS) yield return leaf.DocBase + docs.DocID;
        }
    }

    public static RecordId Id(BinaryDocValues ids, int document, BytesRef scratch)
    {
        ids.Get(document, scratch);
        return RecordId.Read(scratch.Bytes.AsSpan(scratch.Offset, scratch.Length));
    }
}

/// <summary>Sort dates of one segment by document; <see cref="NoDate"/> for what is no record.</summary>
internal sealed class LeafDates
{
    public const long NoDate = long.MinValue;

    public LeafDates(AtomicReader reader)
    {
        Milliseconds = new long[reader.MaxDoc];
        var dates = reader.GetNumericDocValues(IndexFields.Date);
        var present = reader.GetDocsWithField(IndexFields.Date);
        for (var i = 0; i < Milliseconds.Length; i++)
            Milliseconds[i] = dates is not null && present.Get(i) ? Count(dates.Get(i)) : NoDate;
    }

    public long[] Milliseconds { get; }
    public int Records { get; private set; }
    public long First { get; private set; } = long.MaxValue;
    public long Last { get; private set; } = long.MinValue;

    private long Count(long date)
    {
        Records++;
        First = Math.Min(First, date);
        Last = Math.Max(Last, date);
        return date;
    }
}

/// <summary>Makes views; segments that both have keep their dates.</summary>
internal sealed class SearchViews : SearcherFactory
{
    private Dictionary<object, LeafDates> _known = [];

    public override IndexSearcher NewSearcher(IndexReader reader)
    {
        var known = new Dictionary<object, LeafDates>();
        var dates = reader.Leaves.Select(leaf => Dates(leaf.AtomicReader, known)).ToArray();
        _known = known;
        return new SearchView(reader, dates);
    }

    private LeafDates Dates(AtomicReader reader, Dictionary<object, LeafDates> known)
    {
        var dates = _known.GetValueOrDefault(reader.CoreCacheKey) ?? new LeafDates(reader);
        known[reader.CoreCacheKey] = dates;
        return dates;
    }
}
