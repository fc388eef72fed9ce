using AMA.Archive.Ids;
using AMA.Search.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using LuceneQuery = Lucene.Net.Search.Query;

namespace AMA.Search.Retrieval;

/// <summary>
/// Records that further deliveries point at. Deliveries are documents of their own, so this is a join.
/// </summary>
internal sealed class RecordSet
{
    /// <summary>Looking an id up in a segment costs about as much as reading this many ids one after another.</summary>
    private const int ScanFactor = 16;

    private readonly HashSet<RecordId> _ids = [];

    public bool IsEmpty => _ids.Count == 0;

    /// <param name="deliveries">Matches documents of deliveries only.</param>
    public static RecordSet Of(SearchView view, LuceneQuery deliveries, SearchPulse pulse)
    {
        var set = new RecordSet();
        if (view.HasDeliveries) view.Search(deliveries, new Collector(set._ids, pulse));
        return set;
    }

    /// <summary>Sets the bits of the segment's documents that are records of this set.</summary>
    public void Mark(SearchView view, AtomicReaderContext leaf, FixedBitSet bits)
    {
        if (IsEmpty) return;
        if ((long)_ids.Count * ScanFactor > leaf.AtomicReader.MaxDoc) MarkByScan(view, leaf, bits);
        else MarkById(leaf, bits);
    }

    private void MarkByScan(SearchView view, AtomicReaderContext leaf, FixedBitSet bits)
    {
        var ids = leaf.AtomicReader.GetBinaryDocValues(IndexFields.Id);
        var dates = view.Dates(leaf);
        var scratch = new BytesRef();
        for (var i = 0; i < dates.Length; i++)
            if (dates[i] != LeafDates.NoDate && _ids.Contains(SearchView.Id(ids, i, scratch))) bits.Set(i);
    }

    private void MarkById(AtomicReaderContext leaf, FixedBitSet bits)
    {
        if (leaf.AtomicReader.GetTerms(IndexFields.Id) is not { } terms) return;
        var at = terms.GetEnumerator();
        DocsEnum? docs = null;
        foreach (var id in _ids)
        {
            if (!at.SeekExact(new BytesRef(RecordDocuments.Bytes(id)))) continue;
            docs = at.Docs(null, docs, DocsFlags.NONE);
            while (docs.NextDoc() != DocIdSetIterator.NO_MORE_DOCS) bits.Set(docs.DocID);
        }
    }

    private sealed class Collector(HashSet<RecordId> into, SearchPulse pulse) : ICollector
    {
        private readonly BytesRef _scratch = new();
        private BinaryDocValues? _ids;

        public bool AcceptsDocsOutOfOrder => true;

        public void SetScorer(Scorer scorer) { }

        public void SetNextReader(AtomicReaderContext context)
        {
            pulse.Check();
            _ids = context.AtomicReader.GetBinaryDocValues(IndexFields.Id);
        }

        public void Collect(int doc) => into.Add(SearchView.Id(_ids!, doc, _scratch));
    }
}
