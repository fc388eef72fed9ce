using System.Text;
using AMA.Search.Analysis;
using AMA.Search.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace AMA.Search.Retrieval;

/// <summary>Records whose sort date lies between two times in milliseconds, both included.</summary>
internal sealed class DateFilter(SearchView view, long first, long last) : Filter
{
    /// <summary>Every record, and nothing that is none.</summary>
    public static DateFilter All(SearchView view) => new(view, LeafDates.NoDate + 1, long.MaxValue);

    public override DocIdSet GetDocIdSet(AtomicReaderContext context, IBits acceptDocs)
    {
        var dates = view.Dates(context);
        return new FieldCacheDocIdSet(dates.Length, acceptDocs, doc => dates[doc] >= first && dates[doc] <= last);
    }
}

/// <summary>Records of a set that was found in other documents.</summary>
internal sealed class RecordSetFilter(SearchView view, RecordSet records) : Filter
{
    public override DocIdSet? GetDocIdSet(AtomicReaderContext context, IBits acceptDocs)
    {
        var bits = new FixedBitSet(context.AtomicReader.MaxDoc);
        records.Mark(view, context, bits);
        return BitsFilteredDocIdSet.Wrap(bits, acceptDocs);
    }
}

/// <summary>Every document but these records and their further deliveries.</summary>
internal sealed class AllButFilter(IReadOnlyList<BytesRef> records) : Filter
{
    public override DocIdSet? GetDocIdSet(AtomicReaderContext context, IBits acceptDocs)
    {
        var bits = new FixedBitSet(context.AtomicReader.MaxDoc);
        bits.Set(0, bits.Length);
        foreach (var record in records)
        {
            foreach (var field in new[] { IndexFields.Id, IndexFields.DeliveryOf })
            {
                var docs = context.AtomicReader.GetTermDocsEnum(new Term(field, record));
                while (docs is not null && docs.NextDoc() != DocIdSetIterator.NO_MORE_DOCS) bits.Clear(docs.DocID);
            }
        }
        return BitsFilteredDocIdSet.Wrap(bits, acceptDocs);
    }
}

/// <summary>
/// Documents with a word that begins so. Lucene's own prefix query cannot be stopped while it goes through the terms.
/// </summary>
internal sealed class PrefixFilter(string field, string prefix, SearchPulse pulse) : Filter
{
    private const int TermsBetweenPulses = 64;

    public override DocIdSet? GetDocIdSet(AtomicReaderContext context, IBits acceptDocs)
    {
        if (context.AtomicReader.GetTerms(field) is not { } terms) return null;
        var start = new BytesRef(prefix);
        var at = terms.GetEnumerator();
        if (at.SeekCeil(start) == TermsEnum.SeekStatus.END) return null;
        var bits = new FixedBitSet(context.AtomicReader.MaxDoc);
        DocsEnum? docs = null;
        var seen = 0;
        do
        {
            if (!StringHelper.StartsWith(at.Term, start)) break;
            if (seen++ % TermsBetweenPulses == 0) pulse.Check();
            docs = at.Docs(acceptDocs, docs, DocsFlags.NONE);
            while (docs.NextDoc() != DocIdSetIterator.NO_MORE_DOCS) bits.Set(docs.DocID);
        }
        while (at.MoveNext());
        return bits;
    }
}

/// <summary>
/// What somebody may see (threats.md, rows 27 and 29): records that name one of the addresses in a header or in their
/// first envelope, and those that a further delivery brought to one of them.
/// </summary>
internal sealed class VisibleFilter : Filter
{
    private readonly SearchView _view;
    private readonly BytesRef[] _addresses;
    private readonly RecordSet _delivered;

    public VisibleFilter(SearchView view, IEnumerable<string> addresses, SearchPulse pulse)
    {
        _view = view;
        _addresses = [.. addresses.Select(Addresses.Normal).Where(a => a.Length > 0)
            .Distinct().Select(a => new BytesRef(Encoding.UTF8.GetBytes(a)))];
        var deliveries = new BooleanQuery(true);
        foreach (var address in _addresses)
            deliveries.Add(new TermQuery(new Term(IndexFields.DeliverySeen, address)), Occur.SHOULD);
        _delivered = RecordSet.Of(view, deliveries, pulse);
    }

    public override DocIdSet? GetDocIdSet(AtomicReaderContext context, IBits acceptDocs)
    {
        var bits = new FixedBitSet(context.AtomicReader.MaxDoc);
        foreach (var address in _addresses)
        {
            var docs = context.AtomicReader.GetTermDocsEnum(new Term(IndexFields.Seen, address));
            while (docs is not null && docs.NextDoc() != DocIdSetIterator.NO_MORE_DOCS) bits.Set(docs.DocID);
        }
        _delivered.Mark(_view, context, bits);
        return BitsFilteredDocIdSet.Wrap(bits, acceptDocs);
    }
}
