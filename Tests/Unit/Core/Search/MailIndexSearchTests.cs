using AMA.Search;
using AMA.Search.Documents;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

public sealed class MailIndexSearchTests : IDisposable
{
    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private MailIndex OpenExamples() => _bench.OpenWith(
        Entry(1, "Quarterly budget", "The numbers are in the attached plan."),
        Entry(2, "Re: Quarterly budget", "The plan looks fine.\nSee you at the meeting in Zürich.") with
        {
            SenderAddresses = ["bob@mail.example.com"],
            From = "Bob Builder <bob@mail.example.com>",
            To = ["Ada <ada@example.org>"],
            RecipientAddresses = ["ada@example.org"],
            CcBcc = ["carol@example.net"],
            Attachments = ["plan-2015.pdf", "Übersicht.xlsx"],
        },
        Entry(3, "Lunch", "meeting at noon; plan b", "carol@example.net"),
        Entry(4, "", "東京都で会議", "kenji@example.jp"));

    [Theory]
    [InlineData("", "4 3 2 1")]
    [InlineData("plan", "3 2 1")]
    [InlineData("PLAN budget", "2 1")]
    [InlineData("budget OR lunch", "3 2 1")]
    [InlineData("plan -budget", "3")]
    [InlineData("NOT plan", "4")]
    [InlineData("-plan -lunch", "4")]
    [InlineData("NOT NOT plan", "3 2 1")]
    [InlineData("plan NOT (budget OR lunch)", "")]
    [InlineData("lunch OR NOT plan", "4 3")]
    [InlineData("\"quarterly budget\"", "2 1")]
    [InlineData("\"budget quarterly\"", "")]
    [InlineData("\"the plan\"", "2")]
    [InlineData("\"budget the\"", "")]
    [InlineData("subject:plan", "")]
    [InlineData("subject:budget", "2 1")]
    [InlineData("body:budget", "")]
    [InlineData("body:plan", "3 2 1")]
    [InlineData("meet*", "3 2")]
    [InlineData("subject:quart*", "2 1")]
    [InlineData("from:bob", "2")]
    [InlineData("from:builder", "2")]
    [InlineData("from:\"bob builder\"", "2")]
    [InlineData("from:example.com", "2")]
    [InlineData("from:mail.example.com", "2")]
    [InlineData("from:@example.com", "2")]
    [InlineData("from:@ample.com", "")]
    [InlineData("from:BOB@mail.example.com", "2")]
    [InlineData("from:ob@mail.example.com", "")]
    [InlineData("from:example.*", null)]
    [InlineData("from:exam*", "4 3 2 1")]
    [InlineData("to:ada@example.org", "2")]
    [InlineData("to:carol", "2")]
    [InlineData("to:journal", "4 3 2 1")]
    [InlineData("carol", "3 2")]
    [InlineData("filename:pdf", "2")]
    [InlineData("filename:plan-2015.pdf", "2")]
    [InlineData("filename:uebersicht", "2")]
    [InlineData("plan-2015", "2")]
    [InlineData("zurich", "2")]
    [InlineData("Zuerich", "2")]
    [InlineData("ZÜRICH", "2")]
    [InlineData("東京", "4")]
    [InlineData("京東", "")]
    [InlineData("会議", "4")]
    [InlineData("message-id:m3@example.org", "3")]
    [InlineData("message-id:M3@example.org", "")]
    [InlineData("date:2015-01-03", "2")]
    [InlineData("date:2015-01-03..2015-01-04", "3 2")]
    [InlineData("after:2015-01-04", "4 3")]
    [InlineData("before:2015-01-04", "2 1")]
    [InlineData("plan date:2015-01-03..", "3 2")]
    [InlineData("date:9999", "")]
    [InlineData("date:..9999-12-31", "4 3 2 1")]
    public void Query_FindsExactly(string query, string? numbers)
    {
        using var index = OpenExamples();
        if (numbers is null) Assert.Throws<AMA.Search.Query.QueryException>(() => Ask(index, query));
        else Assert.Equal(numbers, string.Join(' ', Ask(index, query)));
    }

    [Fact]
    public void Found_TellsEverythingForAListing()
    {
        using var index = OpenExamples();
        var found = index.Find(Id(2), Visibility.All)!.Message;
        Assert.Equal("m2@example.org", found.MessageId);
        Assert.Equal("Re: Quarterly budget", found.Subject);
        Assert.Equal("Bob Builder <bob@mail.example.com>", found.From);
        Assert.Equal(["Ada <ada@example.org>"], found.To);
        Assert.Equal(Day(2), found.Date);
        Assert.Equal(1_002, found.Size);
        Assert.Equal(["plan-2015.pdf", "Übersicht.xlsx"], found.Attachments);
        var first = Delivery(2, "bounce@example.org", ["journal@archive.example"]);
        Assert.Equal(first with { Recipients = found.First.Recipients }, found.First);
        Assert.Equal(first.Recipients, found.First.Recipients);
        Assert.Equal(first.AcceptedAt, found.ReceivedAt);
        Assert.Null(index.Find(Id(99), Visibility.All));
    }

    [Fact]
    public void WithoutDateHeader_TheTimeOfReceiptCounts()
    {
        using var index = _bench.OpenWith(
            Entry(1), Entry(2) with { Date = null }, Entry(3) with { Date = Day(-9_000) });
        Assert.Equal([2, 1, 3], Ask(index, ""));
        Assert.Null(index.Find(Id(2), Visibility.All)!.Message.Date);
        Assert.Equal([2], Ask(index, "date:2015-01-03"));
        Assert.Equal((Day(-9_000), Day(2).AddMinutes(5)), index.Dates);
        Assert.Equal(3, index.Count);
    }

    [Fact]
    public void DateOffset_ComesBack_AndDaysAreUtc()
    {
        var date = new DateTimeOffset(2015, 3, 1, 1, 0, 0, TimeSpan.FromHours(5.5));
        using var index = _bench.OpenWith(Entry(1) with { Date = date });
        Assert.Equal(date.Offset, index.Find(Id(1), Visibility.All)!.Message.Date!.Value.Offset);
        Assert.Equal([1], Ask(index, "date:2015-02-28"));
        Assert.Empty(Ask(index, "date:2015-03-01"));
    }

    [Fact]
    public void Tags_AreFound_EvenBeforeARefresh()
    {
        using var index = _bench.OpenWith(Enumerable.Range(1, 50).Select(n => Entry(n)));
        index.Add(Entry(51));
        var found = index.FindByTags([Tag(7), Tag(99), Tag(51)]);
        Assert.Equal([new(Id(7), 70), null, new(Id(51), 510)], found);
        Assert.Empty(Ask(index, "message-id:m51@example.org"));
        index.Refresh();
        Assert.Equal([new TaggedRecord(Id(51), 510)], index.FindByTags([Tag(51)]));
    }

    [Fact]
    public void EmptyIndex_AnswersEverythingWithNothing()
    {
        using var index = _bench.Open();
        Assert.Empty(Ask(index, ""));
        Assert.Empty(Ask(index, "NOT a"));
        Assert.Null(index.Dates);
        Assert.Equal(0, index.Count);
        Assert.Equal([null], index.FindByTags([Tag(1)]));
    }

    [Fact]
    public void HugeFields_AreTaken()
    {
        var many = Enumerable.Range(0, 5_000).Select(i => $"person{i}@example.org").ToArray();
        using var index = _bench.OpenWith(Entry(1, new string('s', 60_000), new string('x', 1_000_000)) with
        {
            MessageId = new string('m', 60_000) + "@example.org",
            To = many,
            RecipientAddresses = [.. many, new string('l', 60_000) + "@example.org"],
            Attachments = [.. Enumerable.Repeat(new string('f', 500), 500)],
        });
        Assert.Equal([1], Ask(index, "to:person4999@example.org"));
        Assert.Equal([1], Ask(index, "to:person4999", Visibility.Of(["person4998@example.org"])));
        Assert.InRange(index.Find(Id(1), Visibility.All)!.Message.To.Count, 1, 1_000);
    }
}
