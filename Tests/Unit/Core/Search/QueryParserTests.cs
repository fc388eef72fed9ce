using AMA.Search.Query;
using Xunit;

namespace AMA.Tests.Unit.Core.Search;

public class QueryParserTests
{
    private static string Show(string query) => Show(QueryParser.Parse(query));

    private static string Show(QueryNode node) => node switch
    {
        AllNode => "*",
        WordNode word => $"{Show(word.Field)}{word.Text}{(word.Prefix ? "*" : "")}",
        PhraseNode phrase => $"{Show(phrase.Field)}'{phrase.Text}'",
        DateNode date => $"{date.First:yyyy-MM-dd}..{date.Last:yyyy-MM-dd}",
        AndNode and => $"({string.Join(" & ", and.Parts.Select(Show))})",
        OrNode or => $"({string.Join(" | ", or.Parts.Select(Show))})",
        NotNode not => $"!{Show(not.Part)}",
        _ => throw new InvalidOperationException(),
    };

    private static string Show(QueryField field) => field == QueryField.Any ? "" : $"{field}:";

    [Theory]
    [InlineData("", "*")]
    [InlineData("   ", "*")]
    [InlineData("word", "word")]
    [InlineData("two words", "(two & words)")]
    [InlineData("a AND b OR c d", "((a & b) | (c & d))")]
    [InlineData("\"a phrase\" x", "('a phrase' & x)")]
    [InlineData("NOT a -b c", "(!a & !b & c)")]
    [InlineData("-a", "!a")]
    [InlineData("NOT NOT a", "!!a")]
    [InlineData("-(a OR b) c", "(!(a | b) & c)")]
    [InlineData("((a))", "a")]
    [InlineData("(a OR b)c", "((a | b) & c)")]
    [InlineData("from:ada@example.org", "From:ada@example.org")]
    [InlineData("FROM:ada to:\"Bob B\"", "(From:ada & To:'Bob B')")]
    [InlineData("-from:ada", "!From:ada")]
    [InlineData("subject:x body:y filename:z.pdf", "(Subject:x & Body:y & FileName:z.pdf)")]
    [InlineData("message-id:<a@b>", "MessageId:a@b")]
    [InlineData("budg*", "budg*")]
    [InlineData("after:2015-01-02", "2015-01-02..")]
    [InlineData("before:2015-01-01", "..2014-12-31")]
    [InlineData("date:2015-01-01..2015-01-31", "2015-01-01..2015-01-31")]
    [InlineData("date:2015-02", "2015-02-01..2015-02-28")]
    [InlineData("date:2015", "2015-01-01..2015-12-31")]
    [InlineData("date:2015-06-01..", "2015-06-01..")]
    [InlineData("date:..2015-06", "..2015-06-30")]
    [InlineData("fish & chips", "(fish & chips)")]
    [InlineData("Re: http://example.org/x and", "(Re: & http://example.org/x & and)")]
    [InlineData("a - b", "(a & b)")]
    [InlineData("well-known", "well-known")]
    public void Query_BecomesTree(string query, string tree) => Assert.Equal(tree, Show(query));

    [Theory]
    [InlineData("(a", 0)]
    [InlineData("a)", 1)]
    [InlineData("()", 1)]
    [InlineData("a OR", 2)]
    [InlineData("OR a", 0)]
    [InlineData("a AND", 2)]
    [InlineData("a AND OR b", 2)]
    [InlineData("NOT", 0)]
    [InlineData("\"open", 0)]
    [InlineData("from:", 5)]
    [InlineData("from: ada", 5)]
    [InlineData("from:(a OR b)", 5)]
    [InlineData("from:!!!", 0)]
    [InlineData("&", 0)]
    [InlineData("ab*", 0)]
    [InlineData("a.bcd*", 0)]
    [InlineData("date:yesterday", 0)]
    [InlineData("date:..", 0)]
    [InlineData("date:2015-02-30", 0)]
    [InlineData("date:2015-02..2014", 0)]
    [InlineData("before:0001-01-01", 0)]
    public void WrongQuery_SaysWhatAndWhere(string query, int position)
    {
        var fault = Assert.Throws<QueryException>(() => QueryParser.Parse(query));
        Assert.Equal(position, fault.Position);
        Assert.NotEmpty(fault.Message);
    }

    [Theory]
    [InlineData(50_000)]
    [InlineData(2_000)]
    [InlineData(33)]
    public void Threat_19_OpenBrackets_AreRefused(int count)
    {
        AssertRefused(new string('(', count));
        AssertRefused(Repeat("NOT ", count) + "a");
        AssertRefused(Repeat("-(", count) + "a");
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static void AssertRefused(string query) => Assert.Throws<QueryException>(() => QueryParser.Parse(query));

    [Fact]
    public void Threat_28_LimitsOfCost_Hold()
    {
        QueryParser.Parse(Repeat("a ", QueryLimits.ClausesMax));
        AssertRefused(Repeat("a ", QueryLimits.ClausesMax + 1));
        AssertRefused(Repeat("a.", QueryLimits.ClausesMax + 1));
        AssertRefused(new string('a', QueryLimits.CharsMax + 1));
        var deep = new string('(', QueryLimits.DepthMax) + "a" + new string(')', QueryLimits.DepthMax);
        Assert.Equal("a", Show(deep));
    }

    [Fact]
    public void AnyString_IsATreeOrAQueryException()
    {
        const int seed = 28;
        var random = new Random(seed);
        string[] pieces =
        [
            "(", ")", "\"", "-", "*", ":", "..", " ", "AND", "OR", "NOT", "from:", "date:", "2015-01-01", "abc", "ü",
            "\ud800", "\0", "漢",
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var query = string.Concat(random.GetItems(pieces, random.Next(30)));
            try
            {
                Assert.NotEmpty(Show(query));
            }
            catch (QueryException fault)
            {
                Assert.InRange(fault.Position, 0, query.Length);
            }
        }
    }

    [Theory]
    [InlineData("a date:2015-01-05..2015-01-09", "2015-01-05", "2015-01-09")]
    [InlineData("after:2015-01-05 date:2015-01-01..2015-01-09", "2015-01-05", "2015-01-09")]
    [InlineData("date:2015-01 OR date:2015-03", "2015-01-01", "2015-03-31")]
    [InlineData("date:2015-01 OR a", null, null)]
    [InlineData("-date:2015-01", null, null)]
    [InlineData("before:2015-01-01", null, "2014-12-31")]
    public void Bounds_HoldAllAnswers(string query, string? first, string? last)
    {
        var bounds = QueryBounds.Of(QueryParser.Parse(query));
        Assert.Equal((first, last), (bounds.First?.ToString("yyyy-MM-dd"), bounds.Last?.ToString("yyyy-MM-dd")));
    }
}
