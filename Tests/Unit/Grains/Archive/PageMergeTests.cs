using AMA.Archive.Ids;
using AMA.Grains.Archive.Search;
using AMA.Grains.Interfaces.Archive;
using AMA.Search.Documents;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

public sealed class PageMergeTests
{
    [Fact]
    public void PagesOfSeveralIndexes_BecomeOne_NewestFirst_ExactlyCounted()
    {
        var page = PageMerge.Merge([Page(10, more: false, 9, 5, 1), Page(4, more: true, 7, 3)], limit: 3);
        Assert.Equal([9, 7, 5], page.Items.Select(i => i.Size));
        Assert.Equal(14, page.Total);
        Assert.True(SearchCursor.TryParse(page.Next, out var next));
        Assert.Equal(5, next.SortMilliseconds);
    }

    [Fact]
    public void LastPage_HasNoCursor()
    {
        var page = PageMerge.Merge([Page(2, more: false, 2, 1), Page(1, more: false, 3)], limit: 3);
        Assert.Equal([3, 2, 1], page.Items.Select(i => i.Size));
        Assert.Null(page.Next);
    }

    [Fact]
    public void NothingFound_IsAnEmptyPage()
    {
        var page = PageMerge.Merge([Page(0, more: false)], limit: 3);
        Assert.Empty(page.Items);
        Assert.Null(page.Next);
    }

    private static IndexPage Page(long total, bool more, params long[] times) => new(
        [.. times.Select(Item)],
        [.. times.Select(t => new SearchCursor(t, new RecordId(IdOf(t))).ToString())], total, more);

    private static MessageItem Item(long time) =>
        new(IdOf(time), "", "", "", [], null, default, time, []);

    private static Guid IdOf(long time) => new((int)time, 0, 0, new byte[8]);
}
