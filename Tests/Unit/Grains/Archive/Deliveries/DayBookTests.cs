using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Grains.Archive.Deliveries;
using AMA.Grains.Interfaces.Archive;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive.Deliveries;

public sealed class DayBookTests
{
    private static readonly DateOnly Day = new(2026, 11, 24);
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Settled = new(2026, 11, 25, 1, 0, 0, TimeSpan.Zero);
    private static readonly Guid Source = new(5, 0, 0, new byte[8]);

    [Fact]
    public void Totals_AreTheSumOfLogQueueAndQuarantine()
    {
        var book = Book([Waiting(Noon), Waiting(Noon.AddDays(1))]) with
        {
            Quarantined = new Dictionary<DateOnly, int> { [Day] = 2 },
        };
        var totals = book.Totals(Day, Noon);
        Assert.Equal(new DayTotals(Day, false, 3, 1, 2, 1), totals);
        Assert.Equal(7, totals.Accepted);
        Assert.Equal([Day.AddDays(1), Day], book.All(Noon).Select(one => one.Day));
    }

    [Fact]
    public void Day_IsFinal_WhenItIsOverAndTheQueueHasNothingAsOld()
    {
        Assert.True(Book([]).IsFinal(Day, Settled));
        Assert.False(Book([]).IsFinal(Day, Settled.AddTicks(-1)));
        Assert.False(Book([Waiting(Noon)]).IsFinal(Day, Settled));
        Assert.False(Book([Waiting(Noon.AddDays(-9))]).IsFinal(Day, Settled));
        Assert.True(Book([Waiting(Noon.AddDays(1))]).IsFinal(Day, Settled.AddDays(1)));
        Assert.False((Book([]) with { OldestUnread = Noon }).IsFinal(Day, Settled));
        Assert.True((Book([]) with { OldestUnread = Settled }).IsFinal(Day, Settled));
        Assert.False((Book([]) with { OldestUnread = DateTimeOffset.MinValue }).IsFinal(Day, Settled));
    }

    [Fact]
    public void File_IsTheTextOfTheFormat()
    {
        var book = Book([Waiting(Noon)]);
        using var text = new DayFileText();
        text.Begin(new(new Guid(1, 0, 0, new byte[8])), book, book.Totals(Day, Settled));
        var delivery = new DeliveryId(new(new Guid(9, 0, 0, new byte[8])), 1);
        var head = new MessageItem(default, "a<b>@x.example", "subject", "from", [], null, Noon, 17, [])
        {
            JournaledId = "inner@x.example",
        };
        text.Add(new(delivery, Noon, Source, "archived", Noon.AddSeconds(1), new Guid(2, 0, 0, new byte[8]), false, head));
        text.Add(new(delivery, Noon, Guid.Empty, "duplicate", Noon, new Guid(2, 0, 0, new byte[8]), true, null));
        text.Add(new(delivery, Noon, Source, "waiting", null, null, false, null));
        var before = text.Take();
        text.End(agrees: true);
        Assert.Equal($$$"""
            {"format":"ama-reconciliation","version":1,"tenant":"00000001000000000000000000000000","day":"2026-11-24","state":"provisional","belowBatch":7,"totals":{"accepted":5,"archived":3,"duplicates":1,"quarantined":0,"waiting":1},"sources":[{"source":"00000005000000000000000000000000","accepted":5,"archived":3,"duplicates":1,"waiting":1}]}
            {"receipt":"{{{delivery}}}","acceptedAt":"2026-11-24T12:00:00Z","source":"00000005000000000000000000000000","outcome":"archived","archivedAt":"2026-11-24T12:00:01Z","record":"00000002000000000000000000000000","size":17,"messageId":"a\u003Cb\u003E@x.example","journaledId":"inner@x.example"}
            {"receipt":"{{{delivery}}}","acceptedAt":"2026-11-24T12:00:00Z","outcome":"duplicate","archivedAt":"2026-11-24T12:00:00Z","record":"00000002000000000000000000000000","erased":true}
            {"receipt":"{{{delivery}}}","acceptedAt":"2026-11-24T12:00:00Z","source":"00000005000000000000000000000000","outcome":"waiting"}

            """, Encoding.UTF8.GetString(before));
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(before));
        Assert.Equal(
            $$"""{"end":true,"deliveries":3,"agrees":true,"sha256":"{{sha256}}"}""" + "\n",
            Encoding.UTF8.GetString(text.Take()));
    }

    private static DayBook Book(QueuedView[] waiting) => new(
        7, [new(Day, 2, 3, [new(Source, 3, 1)])], waiting, null, new Dictionary<DateOnly, int>());

    private static QueuedView Waiting(DateTimeOffset at) => new(default, 0, default, Source, at, 10);
}
