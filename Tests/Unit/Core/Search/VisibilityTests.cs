using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

public sealed class VisibilityTests : IDisposable
{
    private static readonly Visibility Ada = Visibility.Of(["ada@example.org"]);
    private static readonly Visibility Bob = Visibility.Of(["bob@example.org"]);
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static IndexEntry Mail(int number, string from, string to, string envelope) =>
        Entry(number, "secret", "plan", from) with
        {
            RecipientAddresses = [to],
            First = Delivery(number, "bounce@x.example", [envelope]),
            ReplyToAddresses = ["bob@example.org"],
        };

    /// <summary>Ada has 1 (sent), 2 (to), 3 (envelope); Bob has 4, and 5 by a further delivery, as Ada has 6.</summary>
    private MailIndex OpenExamples()
    {
        var index = _bench.OpenWith(
            Mail(1, "ada@example.org", "x@x.example", "j@x.example"),
            Mail(2, "x@x.example", "ADA@Example.Org", "j@x.example"),
            Mail(3, "x@x.example", "list@x.example", "Ada@example.org"),
            Mail(4, "bob@example.org", "x@x.example", "j@x.example"),
            Mail(5, "x@x.example", "list@x.example", "j@x.example"),
            Mail(6, "x@x.example", "list@x.example", "j@x.example"));
        index.AddDelivery(new(Id(5), Delivery(105, "list@x.example", ["Bob@Example.org"])));
        index.AddDelivery(new(Id(6), Delivery(106, "list@x.example", ["ada@example.org", "j@x.example"])));
        index.AddDelivery(new(Id(6), Delivery(107, "ada@example.org", ["j@x.example"])));
        index.Refresh();
        return index;
    }

    [Fact]
    public void People_SeeWhatTheySentOrReceived()
    {
        using var index = OpenExamples();
        Assert.Equal([6, 3, 2, 1], Ask(index, "", Ada));
        Assert.Equal([5, 4], Ask(index, "", Bob));
        Assert.Equal([6, 5, 4, 3, 2, 1], Ask(index, "", Visibility.All));
        Assert.Empty(Ask(index, "", Visibility.Of([])));
        Assert.Empty(Ask(index, "", Visibility.Of(["nobody@example.org", "", "@", "ada", "@example.org"])));
        Assert.Equal([6, 5, 4, 3, 2, 1], Ask(index, "", Visibility.Of(["ada@example.org", "BOB@example.org"])));
    }

    [Fact]
    public void Find_HidesWhatIsNotTheirs()
    {
        using var index = OpenExamples();
        for (var n = 1; n <= 6; n++)
        {
            Assert.Equal(n is 1 or 2 or 3 or 6, index.Find(Id(n), Ada) is not null);
            Assert.Equal(n is 4 or 5, index.Find(Id(n), Bob) is not null);
        }
        Assert.Null(index.Find(Id(105), Visibility.All));
    }

    [Fact]
    public void FurtherDeliveries_BelongToTheirRecord_AndAreNoAnswersThemselves()
    {
        using var index = OpenExamples();
        Assert.Equal(6, index.Count);
        var found = index.Find(Id(6), Visibility.All)!;
        Assert.Equal([106, 107], found.Further.Select(d => d.Place.Number));
        Assert.Equal(["ada@example.org", "j@x.example"], found.Further[0].Recipients);
        Assert.Equal([5], Ask(index, "to:bob@example.org"));
        Assert.Equal([5], Ask(index, "to:bob"));
        Assert.Equal([6, 4, 3, 2, 1], Ask(index, "NOT to:bob"));
        Assert.Empty(Ask(index, "from:list"));
    }

    [Fact]
    public void ManyFurtherDeliveries_AreJoinedToo()
    {
        using var index = _bench.OpenWith(
            Enumerable.Range(1, 400).Select(n => Mail(n, "x@x.example", "y@x.example", "j@x.example")));
        for (var n = 1; n <= 400; n += 2) index.AddDelivery(new(Id(n), Delivery(1_000 + n, "", ["ada@example.org"])));
        index.Refresh();
        Assert.Equal(Enumerable.Range(1, 400).Where(n => n % 2 == 1).Reverse(), Ask(index, "", Ada));
        Assert.Equal(200, Ask(index, "to:ada@example.org").Length);
    }

    [Fact]
    public void Threat_27_NoQueryWidensWhatIsSeen()
    {
        const int seed = 27;
        using var index = OpenExamples();
        var random = new Random(seed);
        int[] allowed = [1, 2, 3, 6];
        string[] pieces =
        [
            "(", ")", "OR", "AND", "NOT", "-", "secret", "plan", "nothing", "from:bob@example.org", "to:bob", "from:*",
            "seen:bob", "date:2000..2030", "\"secret\"", "pla*", "message-id:m4@example.org", "x@x.example", "*:*",
            "kind:r", "body:plan", "\"",
        ];
        var answered = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var query = string.Join(' ', random.GetItems(pieces, random.Next(1, 8)));
            try
            {
                var page = index.Search(QueryParser.Parse(query), Ada, 100, null);
                Assert.All(page.Items, item => Assert.Contains(Number(item), allowed));
                Assert.Equal(page.Items.Count, page.Total);
                answered++;
            }
            catch (QueryException)
            {
            }
        }
        Assert.InRange(answered, 500, 3_000);
    }

    [Fact]
    public void Threat_29_ForeignMail_ChangesNoCount()
    {
        using var index = OpenExamples();
        var before = index.Search(QueryParser.Parse("secret"), Ada, 2, null);
        for (var n = 10; n < 60; n++) index.Add(Mail(n, "bob@example.org", "x@x.example", "j@x.example"));
        index.Refresh();
        var after = index.Search(QueryParser.Parse("secret"), Ada, 2, null);
        Assert.Equal(before.Total, after.Total);
        Assert.Equal(before.Items.Select(i => i.Id), after.Items.Select(i => i.Id));
        Assert.Equal(before.Next, after.Next);
    }
}
