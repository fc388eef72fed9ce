using AMA.Archive.Ids;
using AMA.Search.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace AMA.Search.Retrieval;

/// <summary>
/// Counts every match and keeps the newest behind a cursor: a heap whose root is the last of those kept. Record ids,
/// which lie on disk, are read only to part equal dates.
/// </summary>
internal sealed class NewestCollector(SearchView view, int limit, SearchCursor? after, SearchPulse pulse) : ICollector
{
    private const int MatchesBetweenPulses = 1 << 10;

    private readonly (long Date, int Document)[] _kept = new (long, int)[limit];
    private readonly BinaryDocValues?[] _ids = new BinaryDocValues?[view.Leaves.Count];
    private readonly BytesRef _scratch = new();
    private long[] _dates = [];
    private int _base;
    private int _count;

    /// <summary>Matches in all.</summary>
    public long Total { get; private set; }

    /// <summary>Matches behind the cursor.</summary>
    public long Behind { get; private set; }

    public bool AcceptsDocsOutOfOrder => true;

    public void SetScorer(Scorer scorer) { }

    public void SetNextReader(AtomicReaderContext context)
    {
        pulse.Check();
        (_dates, _base) = (view.Dates(context), context.DocBase);
    }

    public void Collect(int doc)
    {
        if (++Total % MatchesBetweenPulses == 0) pulse.Check();
        var match = (Date: _dates[doc], Document: _base + doc);
        if (after is { } cursor && !IsBehind(match, cursor)) return;
        Behind++;
        if (_count < limit) Push(match);
        else if (Before(match, _kept[0])) Sink(match, 0);
    }

    /// <summary>Documents, newest first.</summary>
    public int[] Newest()
    {
        var kept = _kept[.._count];
        Array.Sort(kept, (a, b) => a == b ? 0 : Before(a, b) ? -1 : 1);
        return [.. kept.Select(match => match.Document)];
    }

    private bool IsBehind((long Date, int Document) match, SearchCursor cursor) =>
        match.Date != cursor.SortMilliseconds ? match.Date < cursor.SortMilliseconds
            : Id(match.Document).CompareTo(Number(cursor.Id)) > 0;

    private bool Before((long Date, int Document) a, (long Date, int Document) b) =>
        a.Date != b.Date ? a.Date > b.Date : Id(a.Document) < Id(b.Document);

    private void Push((long Date, int Document) match)
    {
        var at = _count++;
        while (at > 0 && Before(_kept[(at - 1) / 2], match))
        {
            _kept[at] = _kept[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        _kept[at] = match;
    }

    private void Sink((long Date, int Document) match, int at)
    {
        for (var child = 2 * at + 1; child < _count; child = 2 * at + 1)
        {
            if (child + 1 < _count && Before(_kept[child], _kept[child + 1])) child++;
            if (!Before(match, _kept[child])) break;
            _kept[at] = _kept[child];
            at = child;
        }
        _kept[at] = match;
    }

    private UInt128 Id(int document)
    {
        var leaf = view.Leaves[ReaderUtil.SubIndex(document, view.Leaves)];
        var ids = _ids[leaf.Ord] ??= leaf.AtomicReader.GetBinaryDocValues(IndexFields.Id);
        return Number(SearchView.Id(ids, document - leaf.DocBase, _scratch));
    }

    private static UInt128 Number(RecordId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Write(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
