using AMA.Archive.Ids;
using AMA.Search.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace AMA.Search.Retrieval;

/// <summary>Finds records by what they are, not by what they say.</summary>
internal static class RecordLookup
{
    /// <summary>A record with all its deliveries; null: not there, or not for these eyes.</summary>
    public static FoundRecord? Find(SearchView view, RecordId id, Visibility who, SearchPulse pulse)
    {
        var term = RecordDocuments.Bytes(id);
        var document = view.Documents(IndexFields.Id, term).Cast<int?>().FirstOrDefault();
        if (document is not { } found || !Sees(view, found, who, pulse)) return null;
        var further = view.Documents(IndexFields.DeliveryOf, term).Select(view.Delivery)
            .OrderBy(delivery => delivery.AcceptedAt)
            .ThenBy(delivery => delivery.Id.ToString(), StringComparer.Ordinal);
        return new(view.Message(found), [.. further]);
    }

    /// <summary>A record without its further deliveries, of which there may be very many; null: not there.</summary>
    public static FoundMessage? Message(SearchView view, RecordId id) =>
        view.Documents(IndexFields.Id, RecordDocuments.Bytes(id)).Cast<int?>().FirstOrDefault() is { } found
            ? view.Message(found)
            : null;

    private static bool Sees(SearchView view, int document, Visibility who, SearchPulse pulse)
    {
        if (who.Addresses is not { } addresses) return true;
        var leaf = view.Leaves[ReaderUtil.SubIndex(document, view.Leaves)];
        var visible = new VisibleFilter(view, addresses, pulse).GetDocIdSet(leaf, null!);
        return visible?.GetIterator()?.Advance(document - leaf.DocBase) == document - leaf.DocBase;
    }

    /// <summary>Fills in, at the places that are still empty, the records with these tags.</summary>
    public static void FindByTags(SearchView view, IReadOnlyList<ReadOnlyMemory<byte>> tags, TaggedRecord?[] found)
    {
        var scratch = new BytesRef();
        foreach (var leaf in view.Leaves)
        {
            if (leaf.AtomicReader.GetTerms(IndexFields.Tag) is not { } terms) continue;
            var at = terms.GetEnumerator();
            BinaryDocValues? ids = null;
            NumericDocValues? logIndexes = null;
            DocsEnum? docs = null;
            for (var i = 0; i < tags.Count; i++)
            {
                if (found[i] is not null || !at.SeekExact(new BytesRef(tags[i].ToArray()))) continue;
                docs = at.Docs(leaf.AtomicReader.LiveDocs, docs, DocsFlags.NONE);
                if (docs.NextDoc() == DocIdSetIterator.NO_MORE_DOCS) continue;
                ids ??= leaf.AtomicReader.GetBinaryDocValues(IndexFields.Id);
                logIndexes ??= leaf.AtomicReader.GetNumericDocValues(IndexFields.LogIndex);
                found[i] = new(SearchView.Id(ids, docs.DocID, scratch), (ulong)logIndexes.Get(docs.DocID));
            }
        }
    }
}
