using AMA.Grains.Interfaces.Archive;
using AMA.Search.Documents;

namespace AMA.Grains.Archive.Search;

/// <summary>One page out of those of several indexes: newest first, exact total, one cursor.</summary>
public static class PageMerge
{
    public static MessagePage Merge(IReadOnlyList<IndexPage> pages, int limit)
    {
        var items = pages
            .SelectMany(p => p.Items.Zip(p.Cursors, (item, cursor) => (Item: item, Cursor: cursor)))
            .Select(i => (i.Item, i.Cursor, Place: SearchCursor.TryParse(i.Cursor, out var place) ? place : default))
            .OrderByDescending(i => i.Place.SortMilliseconds).ThenBy(i => i.Place.Id.ToString(), StringComparer.Ordinal)
            .ToArray();
        var page = items.Take(limit).ToArray();
        var more = items.Length > page.Length || pages.Any(p => p.HasMore);
        return new([.. page.Select(i => i.Item)], pages.Sum(p => p.Total), more && page.Length > 0 ? page[^1].Cursor : null);
    }
}
