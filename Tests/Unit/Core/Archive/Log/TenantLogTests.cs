using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log;

public sealed class TenantLogTests
{
    private readonly SeededIds _random = new(51);
    private readonly MemoryBlobStore _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TenantLog Log() => new(_store, LogSamples.Tenant);

    private async Task<TenantLog> WriterAsync(ulong fence)
    {
        var log = Log();
        await TakeOverAsync(log, fence);
        return log;
    }

    private ValueTask<LogPosition> TakeOverAsync(TenantLog log, ulong fence) =>
        log.TakeOverAsync(fence, _random.NextId(), Region.Eu, LogSamples.Time, Cancel);

    private async Task<List<LogBatch>> ReadAsync(ulong from = 1) =>
        await Log().ReadAsync(from, Cancel).ToListAsync(Cancel);

    private async Task FillAsync(int batches, ulong fence = 1)
    {
        var log = await WriterAsync(fence);
        for (var i = 0; i < batches; i++)
            Assert.True((await log.CommitAsync(LogSamples.Entries(_random, 1 + i % 3), Cancel)).Committed);
    }

    private async Task<LogFault> ReadFaultAsync(ulong from = 1) =>
        (await Assert.ThrowsAsync<LogException>(() => ReadAsync(from))).Fault;

    [Fact]
    public async Task WriterWhoseTimeIsOver_WritesNothing_AndIsNotInDoubt()
    {
        var log = await WriterAsync(1);
        var over = true;
        void MayWrite()
        {
            if (over) throw new TimeoutException("the lease has ended");
        }
        await Assert.ThrowsAsync<TimeoutException>(
            async () => await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel, MayWrite));
        Assert.Single(await ReadAsync()); // the takeover
        over = false;
        Assert.True((await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel, MayWrite)).Committed);
        over = true;
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await Log().TakeOverAsync(2, _random.NextId(), Region.Eu, LogSamples.Time, Cancel, MayWrite));
        Assert.Equal(2, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task Batches_FollowEachOther_AndLeavesAreCountedThrough()
    {
        await FillAsync(10);
        var batches = await ReadAsync();
        Assert.Equal(Enumerable.Range(1, 11).Select(n => (ulong)n), batches.Select(batch => batch.Number));
        Assert.Equal(LeafType.Takeover, batches[0].Entries[0].Leaf.Type);
        Assert.Equal(1ul, batches[0].Entries[0].Leaf.RefIndex);
        var leaves = 0ul;
        foreach (var batch in batches)
        {
            Assert.Equal(leaves, batch.FirstLeafIndex);
            leaves = batch.NextLeafIndex;
        }
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 7)]
    [InlineData(8, 1)]
    [InlineData(9, 0)]
    [InlineData(50, 0)]
    public async Task ReadingFromAPosition_GivesTheRest(ulong from, int expected)
    {
        await FillAsync(7);
        Assert.Equal(expected, (await ReadAsync(from)).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(200)]
    public async Task Takeover_FindsTheEnd_WhereverItIs(int batches)
    {
        if (batches > 0) await FillAsync(batches - 1);
        var position = await TakeOverAsync(Log(), fence: 2);
        Assert.Equal((ulong)batches + 1, position.Number);
        Assert.Equal(batches + 1, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task OvertakenWriter_IsFenced_AndWritesNothing()
    {
        var first = await WriterAsync(fence: 1);
        var second = await WriterAsync(fence: 2);
        Assert.False((await first.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
        Assert.False((await first.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
        Assert.True((await second.CommitAsync(LogSamples.Entries(_random, 2), Cancel)).Committed);
        Assert.Equal([1, 1, 2], (await ReadAsync()).Select(batch => batch.Entries.Count));
    }

    [Fact]
    public async Task LateLease_CannotTakeOver()
    {
        await WriterAsync(fence: 5);
        var fault = await Assert.ThrowsAsync<LogException>(() => WriterAsync(fence: 4));
        Assert.Equal(LogFault.Fenced, fault.Fault);
    }

    [Fact]
    public async Task SecondActivationUnderTheSameLease_EndsTheFirst()
    {
        var first = await WriterAsync(fence: 3);
        await WriterAsync(fence: 3);
        Assert.False((await first.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
    }

    [Fact]
    public async Task BatchThatSlipsInBeforeTheTakeover_IsKept()
    {
        var first = await WriterAsync(fence: 1);
        var slipped = false;
        // The new writer has found the end; before its takeover is put, the old one commits once more.
        _store.Faults = (operation, name) =>
        {
            if (operation != BlobOperation.Put || slipped || !name.Contains("000000000002")) return BlobFault.None;
            slipped = true;
            Assert.True(first.CommitAsync(LogSamples.Entries(_random, 4), Cancel).AsTask().Result.Committed);
            return BlobFault.None;
        };
        var position = await TakeOverAsync(Log(), fence: 2);
        Assert.Equal((3ul, 6ul), (position.Number, position.NextLeafIndex));
        Assert.False((await first.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
    }

    [Fact]
    public async Task LostAnswer_IsFoundOut_AndNothingIsDoubled()
    {
        var log = await WriterAsync(fence: 1);
        var puts = 0;
        _store.Faults = (operation, _) =>
            operation == BlobOperation.Put && puts++ == 0 ? BlobFault.After : BlobFault.None;
        var result = await log.CommitAsync(LogSamples.Entries(_random, 2), Cancel);
        Assert.Equal(2ul, result.Batch!.Number);
        Assert.Equal(2, (await ReadAsync()).Count);
    }

    [Theory]
    [InlineData(BlobFault.Before, 2)]
    [InlineData(BlobFault.After, 3)]
    public async Task StoreThatStaysAway_LeavesTheOutcomeOpen_UntilTheNextTakeover(BlobFault fault, int expected)
    {
        var log = await WriterAsync(fence: 1);
        var away = true;
        _store.Faults = (operation, _) => away && operation == BlobOperation.Put ? fault : BlobFault.None;
        await Assert.ThrowsAsync<BlobStoreException>(
            async () => await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel));
        away = false;
        var open = await Assert.ThrowsAsync<LogException>(
            async () => await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel));
        Assert.Equal(LogFault.Uncertain, open.Fault);
        await TakeOverAsync(log, fence: 1);
        Assert.Equal(expected, (await ReadAsync()).Count);
        Assert.True((await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
    }

    [Fact]
    public async Task WithoutATakeover_NothingIsWritten()
    {
        var fault = await Assert.ThrowsAsync<LogException>(
            async () => await Log().CommitAsync(LogSamples.Entries(_random, 1), Cancel));
        Assert.Equal(LogFault.Uncertain, fault.Fault);
        Assert.Empty(_store.Names);
    }

    [Fact]
    public async Task Threat_26_EntryOfAnotherTenant_IsRefused_AndTheWriterGoesOn()
    {
        var log = await WriterAsync(fence: 1);
        var fault = await Assert.ThrowsAsync<LogException>(async () => await log.CommitAsync(
            [LogSamples.Entry(_random), LogSamples.Entry(_random, LogSamples.OtherTenant)], Cancel));
        Assert.Equal(LogFault.Place, fault.Fault);
        Assert.True((await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel)).Committed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(9)]
    public async Task Threat_37_LostBatch_IsNoEnd_AndTheLogNeverForks(int lost)
    {
        await FillAsync(9);
        var hole = LogNames.Of(LogSamples.Tenant, (ulong)lost);
        _store.Lose(hole);
        Assert.Equal(LogFault.Gap, await ReadFaultAsync());
        // A new writer goes on at the true end, or refuses; the lost number is never given to another batch.
        var fault = await Record.ExceptionAsync(() => WriterAsync(fence: 2));
        Assert.True(fault is null or LogException { Fault: LogFault.Gap }, $"{fault}");
        Assert.DoesNotContain(hole, _store.Names);
        Assert.Equal(fault is null ? 10 : 9, _store.Names.Count);
    }

    [Fact]
    public async Task Threat_37_BatchPutBackFromAnotherHistory_BreaksTheChain()
    {
        await FillAsync(5);
        var other = new MemoryBlobStore();
        var log = new TenantLog(other, LogSamples.Tenant);
        await TakeOverAsync(log, 1);
        for (var i = 0; i < 5; i++) await log.CommitAsync(LogSamples.Entries(_random, 1 + i % 3), Cancel);
        var name = LogNames.Of(LogSamples.Tenant, 3);
        var foreign = (await other.GetAsync(name, Cancel))!.Content.ToArray();
        _store.Damage(name, _ => foreign);
        Assert.Equal(LogFault.Chain, await ReadFaultAsync());
        Assert.Equal(LogFault.Chain, await ReadFaultAsync(from: 3));
        Assert.Equal(LogFault.Chain, await ReadFaultAsync(from: 4));
        Assert.Equal(2, (await ReadAsync(from: 5)).Count);
    }

    [Fact]
    public async Task Threat_36_BatchUnderAnotherNumberOrTenant_IsRefused()
    {
        await FillAsync(5);
        var third = (await _store.GetAsync(LogNames.Of(LogSamples.Tenant, 3), Cancel))!.Content.ToArray();
        _store.Damage(LogNames.Of(LogSamples.Tenant, 4), _ => third);
        Assert.Equal(LogFault.Place, await ReadFaultAsync());
        await _store.PutIfAbsentAsync(LogNames.Of(LogSamples.OtherTenant, 1), third, Cancel);
        var foreign = new TenantLog(_store, LogSamples.OtherTenant).ReadAsync(1, Cancel).ToListAsync(Cancel);
        Assert.Equal(LogFault.Place, (await Assert.ThrowsAsync<LogException>(async () => await foreign)).Fault);
    }

    [Fact]
    public async Task Threat_37_FallingFence_IsRefused()
    {
        await FillAsync(1, fence: 9);
        var last = (await ReadAsync())[^1];
        var forged = new LogBatch(
            3, last.Hash, 8, _random.NextId(), last.NextLeafIndex, LogSamples.Entries(_random, 1));
        await _store.PutIfAbsentAsync(LogNames.Of(LogSamples.Tenant, 3), forged.Encode(), Cancel);
        Assert.Equal(LogFault.Chain, await ReadFaultAsync());
    }

    [Fact]
    public async Task TwoCallersAtOnce_AreAMistakeThatIsSeen()
    {
        var log = await WriterAsync(fence: 1);
        Exception? second = null;
        _store.Faults = (_, _) =>
        {
            second ??= Record.Exception(() => log.CommitAsync(LogSamples.Entries(_random, 1), Cancel).AsTask().Wait());
            return BlobFault.None;
        };
        await log.CommitAsync(LogSamples.Entries(_random, 1), Cancel);
        Assert.IsType<InvalidOperationException>(Assert.IsType<AggregateException>(second).InnerException);
    }
}
