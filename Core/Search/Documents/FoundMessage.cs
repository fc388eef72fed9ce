using AMA.Archive.Ids;

namespace AMA.Search.Documents;

/// <summary>A record as the index knows it: enough to list it, and to open it.</summary>
public sealed record FoundMessage(
    RecordId Id, string MessageId, string Subject, string From, IReadOnlyList<string> To, DateTimeOffset? Date,
    long Size, IReadOnlyList<string> Attachments, uint Flags, IndexedDelivery First)
{
    /// <summary>Of the mail that a journal report is about, without brackets; empty when this is none.</summary>
    public string JournaledId { get; init; } = "";

    public DateTimeOffset ReceivedAt => First.AcceptedAt;

    /// <summary>Decides the order: the Date header, or the time of receipt without one.</summary>
    public DateTimeOffset SortDate => Date ?? ReceivedAt;

    /// <summary>The place just behind this message in every answer.</summary>
    public SearchCursor Cursor => SearchCursor.Behind(this);
}

/// <param name="Further">Deliveries after the first, in the order of their acceptance.</param>
public sealed record FoundRecord(FoundMessage Message, IReadOnlyList<IndexedDelivery> Further);

/// <param name="Total">Of all matches the asker may see, however many pages they fill.</param>
/// <param name="Next">Null behind the last match.</param>
public sealed record SearchPage(IReadOnlyList<FoundMessage> Items, long Total, SearchCursor? Next)
{
    public static SearchPage Empty { get; } = new([], 0, null);

    /// <summary>
    /// One page of several indexes' answers to the same question, with the same limit and cursor: the newest of all,
    /// the sum of the counts.
    /// </summary>
    public static SearchPage Merge(IReadOnlyCollection<SearchPage> pages, int limit)
    {
        var all = pages.SelectMany(page => page.Items)
            .OrderByDescending(item => item.Cursor.SortMilliseconds)
            .ThenBy(item => item.Id.ToString(), StringComparer.Ordinal)
            .ToArray();
        var more = all.Length > limit || pages.Any(page => page.Next is not null);
        FoundMessage[] items = [.. all.Take(limit)];
        return new(items, pages.Sum(page => page.Total), more ? items[^1].Cursor : null);
    }
}
