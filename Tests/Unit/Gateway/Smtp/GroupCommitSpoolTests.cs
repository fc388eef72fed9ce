using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Spooling;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class GroupCommitSpoolTests
{
    [Fact]
    public async Task OneMessage_IsInBothStores_UnderOneName_AndOpens()
    {
        await using var under = new SpoolUnderTest();
        var raw = under.Mail(5_000);
        var receipt = await under.StoreAsync(raw);
        Assert.Equal([SegmentNames.Of(receipt.Segment)], under.FirstBlobs.Names);
        Assert.Equal(under.FirstBlobs.Names, under.SecondBlobs.Names);
        foreach (var store in new[] { under.FirstBlobs, under.SecondBlobs })
        {
            var (envelope, opened) = await under.OpenAsync(store, receipt);
            Assert.Equal(raw, opened);
            Assert.Equal(SpoolUnderTest.Envelope.Sender, envelope.Sender);
        }
        Assert.Equal(1, under.Hint.Count);
    }

    [Fact]
    public async Task MessagesThatComeWhileOneIsWritten_ShareTheNextSegment()
    {
        await using var under = new SpoolUnderTest();
        var gate = new TaskCompletionSource();
        under.First.Gate = gate.Task;
        var first = under.StoreAsync(under.Mail(100));
        await UntilAsync(() => under.Second.Begun == 1);
        var raws = Enumerable.Range(0, 20).Select(i => under.Mail(100 + i)).ToList();
        var others = raws.Select(under.StoreAsync).ToList();
        Assert.False(first.IsCompleted);
        gate.SetResult();
        var receipts = await Task.WhenAll(others);
        var segment = Assert.Single(receipts.Select(receipt => receipt.Segment).Distinct());
        Assert.NotEqual((await first).Segment, segment);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (uint)i), receipts.Select(receipt => receipt.RecNo));
        for (var i = 0; i < receipts.Length; i++)
            Assert.Equal(raws[i], (await under.OpenAsync(under.SecondBlobs, receipts[i])).Raw);
    }

    [Fact]
    public async Task Segments_EndAtAboutTheirSize()
    {
        await using var under = new SpoolUnderTest();
        var gate = new TaskCompletionSource();
        under.First.Gate = gate.Task;
        var receipts = Enumerable.Range(0, 5).Select(_ => under.StoreAsync(under.Mail(400_000))).ToList();
        gate.SetResult();
        var segments = (await Task.WhenAll(receipts)).GroupBy(receipt => receipt.Segment);
        Assert.All(segments, segment => Assert.InRange(segment.Count(), 1, 2));
        foreach (var name in under.FirstBlobs.Names)
            Assert.InRange((await under.FirstBlobs.GetAsync(name, default))!.Content.Length, 400_000, 1_100_000);
    }

    [Fact]
    public async Task Sequence_CountsSegments_AndSaysWhichBeforeItWasAcknowledged()
    {
        await using var under = new SpoolUnderTest();
        var first = await SegmentOf(under, await under.StoreAsync(under.Mail(10)));
        var second = await SegmentOf(under, await under.StoreAsync(under.Mail(10)));
        under.FirstBlobs.Faults = FailPuts;
        await Assert.ThrowsAsync<SpoolException>(() => under.StoreAsync(under.Mail(10)));
        under.FirstBlobs.Faults = (_, _) => BlobFault.None;
        var fourth = await SegmentOf(under, await under.StoreAsync(under.Mail(10)));
        var fifth = await SegmentOf(under, await under.StoreAsync(under.Mail(10)));
        Assert.Equal((1ul, 0ul), (first.Sequence, first.LastAcknowledged));
        Assert.Equal((2ul, 1ul), (second.Sequence, second.LastAcknowledged));
        Assert.Equal((4ul, 2ul), (fourth.Sequence, fourth.LastAcknowledged)); // 3 was given up, and this says so
        Assert.Equal((5ul, 4ul), (fifth.Sequence, fifth.LastAcknowledged));
        Assert.Single(new[] { first, second, fourth, fifth }.Select(segment => segment.Head.GatewayId).Distinct());
    }

    [Fact]
    public async Task Threat_12_OneStoreFails_NoMessageOfTheSegmentIsAcknowledged_AndTheOtherCopyGoes()
    {
        await using var under = new SpoolUnderTest();
        var gate = new TaskCompletionSource();
        under.First.Gate = gate.Task;
        var first = under.StoreAsync(under.Mail(10));
        await UntilAsync(() => under.SecondBlobs.Names.Count == 1); // or the fault could meet the first segment
        var together = Enumerable.Range(0, 3).Select(_ => under.StoreAsync(under.Mail(10))).ToList();
        under.SecondBlobs.Faults = (operation, _) =>
            operation == BlobOperation.Put && under.FirstBlobs.Names.Count > 0 ? BlobFault.Before : BlobFault.None;
        gate.SetResult();
        await first;
        foreach (var message in together) await Assert.ThrowsAsync<SpoolException>(() => message);
        await UntilAsync(() => under.FirstBlobs.Names.Count == 1);
        Assert.Equal(1, under.Hint.Count);
    }

    [Fact]
    public async Task Threat_12_AnswerOfAStoreIsLost_TheMessageIsNotAcknowledged_AndWholeWhereItStays()
    {
        await using var under = new SpoolUnderTest();
        under.SecondBlobs.Faults = (operation, _) => operation switch
        {
            BlobOperation.Put => BlobFault.After,
            BlobOperation.Delete => BlobFault.Before,
            _ => BlobFault.None,
        };
        await Assert.ThrowsAsync<SpoolException>(() => under.StoreAsync(under.Mail(10)));
        await UntilAsync(() => under.FirstBlobs.Names.Count == 0);
        Assert.True(SegmentNames.TryParse(Assert.Single(under.SecondBlobs.Names), out var id));
        Assert.Single((await under.SegmentAsync(under.SecondBlobs, id)).Records);
    }

    [Fact]
    public async Task Threat_13_FullStore_IsTransient_AndOverWhenThereIsRoom()
    {
        await using var under = new SpoolUnderTest();
        under.FirstBlobs.Faults = FailPuts;
        under.SecondBlobs.Faults = FailPuts;
        await Assert.ThrowsAsync<SpoolException>(() => under.StoreAsync(under.Mail(10)));
        (under.FirstBlobs.Faults, under.SecondBlobs.Faults) = ((_, _) => BlobFault.None, (_, _) => BlobFault.None);
        await under.StoreAsync(under.Mail(10));
    }

    [Fact]
    public async Task Threat_12_StuckStore_IsGivenUpAfterItsTime()
    {
        await using var under = new SpoolUnderTest();
        var gate = new TaskCompletionSource();
        under.Second.Gate = gate.Task;
        var message = under.StoreAsync(under.Mail(10));
        await UntilAsync(() => under.Second.Begun == 1 && under.FirstBlobs.Names.Count == 1);
        Assert.False(message.IsCompleted);
        // The store has the call before the spool has armed its clock, so one step of time might come too early.
        await UntilAsync(() =>
        {
            under.Time.Advance(TimeSpan.FromSeconds(31));
            return message.IsCompleted;
        });
        await Assert.ThrowsAsync<SpoolException>(() => message);
        gate.SetResult();
    }

    [Fact]
    public async Task OneCopyRequired_OneStoreAway_IsAcknowledged()
    {
        await using var under = new SpoolUnderTest(required: 1);
        under.FirstBlobs.Faults = FailPuts;
        var receipt = await under.StoreAsync(under.Mail(10));
        await under.OpenAsync(under.SecondBlobs, receipt);
    }

    [Fact]
    public async Task LargeMessage_StreamsIntoASegmentOfItsOwn_InARowOfItsOwn()
    {
        await using var under = new SpoolUnderTest();
        var raw = under.Mail(3_000_000);
        var receipt = await StreamAsync(under, raw);
        Assert.Equal(0u, receipt.RecNo);
        Assert.Equal(raw, (await under.OpenAsync(under.FirstBlobs, receipt)).Raw);
        Assert.Equal(raw, (await under.OpenAsync(under.SecondBlobs, receipt)).Raw);
        var streamed = await SegmentOf(under, receipt);
        var shared = await SegmentOf(under, await under.StoreAsync(under.Mail(10)));
        Assert.Equal((1ul, 1ul), (streamed.Sequence, shared.Sequence));
        Assert.NotEqual(streamed.Head.GatewayId, shared.Head.GatewayId);
    }

    [Fact]
    public async Task LargeMessage_NotCommitted_LeavesNothing()
    {
        await using var under = new SpoolUnderTest();
        await using (var stream = await under.Spool.BeginAsync(SpoolUnderTest.Envelope))
            await stream.WriteAsync(under.Mail(2_000_000));
        Assert.Empty(under.FirstBlobs.Names);
        Assert.Equal(0, under.Hint.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Threat_13_StoreFailsUnderALargeMessage_ItIsNotAcknowledged(bool whileWriting)
    {
        await using var under = new SpoolUnderTest();
        if (whileWriting) under.Second.WritesFail = true;
        else under.SecondBlobs.Faults = FailPuts;
        await Assert.ThrowsAsync<SpoolException>(() => StreamAsync(under, under.Mail(2_000_000)));
        await UntilAsync(() => under.FirstBlobs.Names.Count == 0);
    }

    [Fact]
    public async Task NotEnrolled_OrNoValidQueueKey_IsTransient()
    {
        await using var stranger = new SpoolUnderTest(enrolled: false);
        await Assert.ThrowsAsync<SpoolException>(() => stranger.StoreAsync([1]));
        await Assert.ThrowsAsync<SpoolException>(() => StreamAsync(stranger, stranger.Mail(1)));
        await using var late = new SpoolUnderTest();
        late.Time.Advance(TimeSpan.FromDays(31));
        await Assert.ThrowsAsync<SpoolException>(() => late.StoreAsync([1]));
    }

    [Fact]
    public async Task ManySenders_EachGetsItsOwnMessageBack()
    {
        const int seed = 99;
        await using var under = new SpoolUnderTest();
        var random = new Random(seed);
        var raws = Enumerable.Range(0, 300).Select(_ => under.Mail(random.Next(0, 20_000))).ToList();
        var receipts = await Task.WhenAll(raws.Select(under.StoreAsync));
        Assert.Equal(receipts.Length, receipts.Distinct().Count());
        for (var i = 0; i < raws.Count; i += 17)
            Assert.Equal(raws[i], (await under.OpenAsync(under.FirstBlobs, receipts[i])).Raw);
    }

    private static BlobFault FailPuts(BlobOperation operation, string name) =>
        operation == BlobOperation.Put ? BlobFault.Before : BlobFault.None;

    private static Task<VerifiedSegment> SegmentOf(SpoolUnderTest under, DeliveryId receipt) =>
        under.SegmentAsync(under.SecondBlobs, receipt.Segment);

    private static async Task<DeliveryId> StreamAsync(SpoolUnderTest under, ReadOnlyMemory<byte> raw)
    {
        await using var stream = await under.Spool.BeginAsync(SpoolUnderTest.Envelope);
        for (var rest = raw; !rest.IsEmpty; rest = rest[Math.Min(70_000, rest.Length)..])
            await stream.WriteAsync(rest[..Math.Min(70_000, rest.Length)]);
        return await stream.CommitAsync();
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(RawClient.WaitMax);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
