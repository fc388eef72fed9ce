namespace AMA.Grains.Archive.Spool;

/// <summary>A segment's place in its gateway's row: docs/smtp.md, "Segments in rows".</summary>
/// <param name="Gateway">The gateway id; new at each start, and another one for streamed segments.</param>
/// <param name="After">The number before it that was the last to become durable; what lies between was given up.</param>
public readonly record struct RowPlace(Guid Gateway, ulong Sequence, ulong After);

/// <summary>
/// Numbers of a row of which nothing is known. <paramref name="Last"/> was durable, a later segment says so; those
/// before it down to <paramref name="First"/> were so too, or were given up: the segment that is missing would say.
/// </summary>
public readonly record struct RowGap(Guid Gateway, ulong First, ulong Last);

/// <summary>
/// Which numbers of each row are accounted for: each segment accounts for its own and for those that were given up
/// before it. Pure. Segments may come in any order and more than once.
/// </summary>
public sealed class SegmentRows
{
    /// <summary>By row, spans that don't touch: behind the key, up to the value.</summary>
    private readonly Dictionary<Guid, SortedList<ulong, ulong>> _rows = [];

    public void Cover(RowPlace place)
    {
        // Numbers begin at 1; a gateway that says otherwise says nothing.
        if (place.Sequence > 0)
            Cover(place.Gateway, Math.Min(place.After, place.Sequence - 1), place.Sequence);
    }

    /// <summary>Accounts for the numbers behind <paramref name="after"/> up to <paramref name="to"/>.</summary>
    public void Cover(Guid gateway, ulong after, ulong to)
    {
        if (!_rows.TryGetValue(gateway, out var spans)) _rows[gateway] = spans = [];
        var touched = spans.Where(span => span.Key <= to && span.Value >= after).ToArray();
        foreach (var span in touched)
        {
            spans.Remove(span.Key);
            (after, to) = (Math.Min(after, span.Key), Math.Max(to, span.Value));
        }
        spans.Add(after, to);
    }

    public bool Covers(RowPlace place) => place.Sequence == 0
        || (_rows.TryGetValue(place.Gateway, out var spans)
            && spans.Any(span => span.Key <= Math.Min(place.After, place.Sequence - 1) && place.Sequence <= span.Value));

    public void Forget(Guid gateway) => _rows.Remove(gateway);

    /// <summary>By row: behind the first number up to the second, behind the third …</summary>
    public IEnumerable<(Guid Gateway, ulong[] Ends)> Rows =>
        _rows.Select(row => (row.Key, row.Value.SelectMany(span => new[] { span.Key, span.Value }).ToArray()));

    /// <summary>What is missing before numbers that are accounted for.</summary>
    public IEnumerable<RowGap> Gaps()
    {
        foreach (var (gateway, spans) in _rows)
        {
            var below = 0ul;
            foreach (var (after, to) in spans)
            {
                if (after > below) yield return new(gateway, below + 1, after);
                below = to;
            }
        }
    }

    /// <summary>These rows and these segments, without changing either.</summary>
    public SegmentRows With(IEnumerable<RowPlace> places)
    {
        var sum = new SegmentRows();
        foreach (var (gateway, spans) in _rows) sum._rows[gateway] = new(spans);
        // In order: so spans grow at one end, instead of being many.
        foreach (var place in places.OrderBy(place => place.Sequence)) sum.Cover(place);
        return sum;
    }
}
