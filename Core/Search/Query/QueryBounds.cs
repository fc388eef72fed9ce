namespace AMA.Search.Query;

/// <summary>Days outside of which a question has no answer, so that whole indexes can be left out.</summary>
/// <param name="First">Null: open.</param>
public readonly record struct QueryBounds(DateOnly? First, DateOnly? Last)
{
    public static QueryBounds Open { get; } = new(null, null);

    public static QueryBounds Of(QueryNode query) => query switch
    {
        DateNode date => new(date.First, date.Last),
        AndNode and => and.Parts.Select(Of).Aggregate(Open, Both),
        OrNode or => or.Parts.Select(Of).Aggregate(Either),
        _ => Open,
    };

    /// <summary>Whether mail between these two times may answer.</summary>
    public bool Overlaps(DateTimeOffset first, DateTimeOffset last) =>
        (Last is not { } end || Day(first) <= end) && (First is not { } begin || Day(last) >= begin);

    private static DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static QueryBounds Both(QueryBounds a, QueryBounds b) =>
        new(b.First is null || a.First > b.First ? a.First : b.First,
            b.Last is null || a.Last < b.Last ? a.Last : b.Last);

    private static QueryBounds Either(QueryBounds a, QueryBounds b) => new(
        a.First is null || b.First is null ? null : a.First < b.First ? a.First : b.First,
        a.Last is null || b.Last is null ? null : a.Last > b.Last ? a.Last : b.Last);
}
