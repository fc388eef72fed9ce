using AMA.Archive.Ids;
using AMA.Grains.Archive;
using AMA.Grains.Archive.Spool;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

public sealed class SpoolWorkTests
{
    private static readonly TenantId One = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly TenantId Two = new(new Guid(2, 0, 0, new byte[8]));
    private static readonly SegmentId Segment = new(new Guid(3, 0, 0, new byte[8]));
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Segment_IsCommittedWhenEveryTenantsRecordsAre()
    {
        var source = new Guid(7, 0, 0, new byte[8]);
        SpoolRecord[] records =
            [new(One, source, Now, 10), new(Two, default, Now, 20), new(One, default, Now.AddSeconds(1), 30)];
        var work = new SegmentWork(Segment, Now, default, records);
        Assert.Equal([(0u, records[0]), (2u, records[2])], work.WaitingOf(One));
        work.Committed(0, 5);
        Assert.Equal([(2u, records[2])], work.WaitingOf(One));
        work.Committed(2, 4);
        Assert.Equal((0, 1, 1), (work.Waiting(One), work.Waiting(Two), work.Waiting(null)));
        Assert.False(work.AllCommitted);
        work.Committed(1, 9);
        Assert.True(work.AllCommitted);
        Assert.Equal((5ul, 9ul), (work.Batches[One], work.Batches[Two]));
        Assert.Equal((records[1], null), (work.Find(1), work.Find(3)));
        var mark = work.Mark();
        Assert.Equal(
            [5ul, 9ul, 4ul, null, null],
            [mark.BatchOf(One, 0), mark.BatchOf(Two, 1), mark.BatchOf(One, 2), mark.BatchOf(Two, 0), mark.BatchOf(One, 3)]);
    }

    [Fact]
    public void Mailbox_GivesRecordsInOrder_WithinBothLimits()
    {
        var queue = Queue(records: 5, bytes: 10);
        Assert.Equal([0u, 1u], queue.Take(2, 1_000).Select(r => r.Delivery.RecNo));
        Assert.Equal([2u], queue.Take(9, 5).Select(r => r.Delivery.RecNo));
        Assert.Equal([3u, 4u], queue.Take(9, 20).Select(r => r.Delivery.RecNo));
        Assert.True(queue.Empty);
    }

    [Fact]
    public void FailedMailbox_RestsLongerEachTime()
    {
        var queue = Queue(records: 3, bytes: 1);
        queue.Failed(queue.Take(2, 100), Now);
        Assert.False(queue.MayRun(Now));
        Assert.True(queue.MayRun(Now.AddSeconds(1)));
        queue.Failed(queue.Take(3, 100), Now);
        Assert.False(queue.MayRun(Now.AddSeconds(1)));
        Assert.True(queue.MayRun(Now.AddSeconds(2)));
    }

    [Fact]
    public void RecordThatAlwaysFails_IsSoonAlone_AndTheOthersPass()
    {
        const uint bad = 2;
        var queue = Queue(records: 8, bytes: 1);
        var passed = new List<uint>();
        for (var tries = 0; tries < 20 && passed.Count < 7; tries++)
        {
            var taken = queue.Take(8, 100);
            if (taken.Any(r => r.Delivery.RecNo == bad))
            {
                queue.Failed(taken, Now);
                continue;
            }
            passed.AddRange(taken.Select(r => r.Delivery.RecNo));
            queue.Done();
        }
        Assert.Equal([0u, 1u, 3u, 4u, 5u, 6u, 7u], passed.Order());
        Assert.Equal([bad], queue.Take(8, 100).Select(r => r.Delivery.RecNo));
    }

    [Fact]
    public void Feed_GivesWorkOnce_AndDropsTheOldestWhenItRunsOver()
    {
        var feed = new SiloFeed<string>();
        var tickets = Enumerable.Range(0, SiloFeed<string>.WaitingMax + 1).Select(i => new Guid(i, 0, 0, new byte[8])).ToArray();
        foreach (var ticket in tickets) feed.Put(ticket, "work");
        Assert.Null(feed.Take(tickets[0]));
        Assert.Equal("work", feed.Take(tickets[^1]));
        Assert.Null(feed.Take(tickets[^1]));
    }

    private static MailboxQueue Queue(int records, int bytes)
    {
        var queue = new MailboxQueue(One, new MailboxId(new Guid(9, 0, 0, new byte[8])));
        for (var i = 0u; i < records; i++) queue.Add(new(new(Segment, i), bytes, Guid.Empty, Now));
        return queue;
    }
}
