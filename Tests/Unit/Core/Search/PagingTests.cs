using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

public sealed class PagingTests : IDisposable
{
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>Many share a date, and the index has several segments.</summary>
    private MailIndex OpenMany(int count)
    {
        var random = new Random(count);
        var index = _bench.Open();
        for (var n = 1; n <= count; n++)
        {
            index.Add(Entry(n, text: n % 3 == 0 ? "fizz" : "buzz") with { Date = Day(random.Next(10)) });
            if (n % 37 == 0) index.Refresh();
        }
        index.Refresh();
        return index;
    }

    private static List<FoundMessage> AllPages(string query, int limit, long total, params MailIndex[] indexes)
    {
        var found = new List<FoundMessage>();
        SearchCursor? cursor = null;
        do
        {
            var pages = indexes.Select(i => i.Search(QueryParser.Parse(query), Visibility.All, limit, cursor));
            var page = SearchPage.Merge(pages.ToArray(), limit);
            Assert.Equal(total, page.Total);
            Assert.InRange(page.Items.Count, 1, limit);
            found.AddRange(page.Items);
            if (page.Next is null) return found;
            Assert.True(SearchCursor.TryParse(page.Next.Value.ToString(), out var parsed));
            Assert.Equal(page.Next, parsed);
            cursor = parsed;
        }
        while (true);
    }

    [Theory]
    [InlineData("", 1, 200)]
    [InlineData("", 7, 200)]
    [InlineData("", 199, 200)]
    [InlineData("", 200, 200)]
    [InlineData("fizz", 10, 66)]
    public void Pages_ShowEverythingOnce_NewestFirst(string query, int limit, int total)
    {
        using var index = OpenMany(200);
        var found = AllPages(query, limit, total, index);
        Assert.Equal(total, found.Select(Number).Distinct().Count());
        Assert.Equal(total, found.Count);
        var ordered = found.OrderByDescending(f => f.SortDate).ThenBy(f => f.Id.ToString(), StringComparer.Ordinal);
        Assert.Equal(ordered.Select(Number), found.Select(Number));
    }

    [Fact]
    public void SeveralIndexes_PageAsOne()
    {
        using var other = new IndexBench();
        using var second = other.OpenWith(
            Enumerable.Range(1_000, 50).Select(n => Entry(n) with { Date = Day(n % 10) }));
        using var first = OpenMany(60);
        Assert.Equal(110, AllPages("", 9, 110, first, second).Select(Number).Distinct().Count());
    }

    [Fact]
    public void MailThatArrives_MovesNoPage()
    {
        using var index = OpenMany(50);
        var all = Ask(index, "");
        var page = index.Search(new AllNode(), Visibility.All, 20, null);
        for (var n = 500; n < 600; n++) index.Add(Entry(n) with { Date = Day(100) });
        index.Refresh();
        var next = index.Search(new AllNode(), Visibility.All, 20, page.Next);
        Assert.Equal(all[20..40], next.Items.Select(Number));
        Assert.Equal(150, next.Total);
    }

    [Fact]
    public void ABogusCursor_IsNone()
    {
        foreach (var text in new[] { "", "x", new string('!', 32), new string('A', 33), null })
            Assert.False(SearchCursor.TryParse(text, out _));
    }
}
