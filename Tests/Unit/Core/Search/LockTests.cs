using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using Xunit;
using static AMA.Tests.Unit.Core.Search.IndexBench;

namespace AMA.Tests.Unit.Core.Search;

public sealed class LockTests : IDisposable
{
    /// <summary>Only what never comes is waited for so long.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(120);

    private readonly IndexBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void WithoutLease_NothingOpens()
    {
        using (var index = _bench.OpenWith(Entry(1))) index.Commit(AppliedBatches.None.With(0));
        _bench.Locked = true;
        Assert.Throws<IndexLockedException>(() => _bench.Open());
        _bench.Locked = false;
        using var again = _bench.Open();
        Assert.Equal([1], Ask(again, ""));
    }

    [Fact]
    public void LeaseThatEnds_StopsTheWriter_AndLosesOnlyWhatWasNotCommitted()
    {
        using (var index = _bench.OpenWith(Entry(1)))
        {
            index.Commit(AppliedBatches.None.With(0));
            index.Add(Entry(2));
            _bench.Locked = true;
            Assert.Throws<IndexLockedException>(() => index.Commit(AppliedBatches.None.WithAllBelow(2)));
        }
        _bench.Locked = false;
        using var again = _bench.Open();
        Assert.Equal([1], Ask(again, ""));
    }

    [Fact]
    public void Closed_AnswersNothing_AndKeepsNoPlaintext()
    {
        var index = _bench.OpenWith(Enumerable.Range(1, 100).Select(n => Entry(n, text: "word")));
        Ask(index, "word");
        Assert.NotEqual(0, _bench.Cache.Bytes);
        index.Dispose();
        Assert.Equal(0, _bench.Cache.Bytes);
        Assert.Throws<IndexLockedException>(() => Ask(index, "word"));
        Assert.Throws<IndexLockedException>(() => index.Count);
        Assert.Throws<IndexLockedException>(() => index.Add(Entry(1)));
        Assert.Throws<IndexLockedException>(() => index.Commit(AppliedBatches.None));
        index.Dispose();
    }

    [Fact]
    public void LockedWhileOpen_AnswersAndWritesNothingMore_AndOpensAgainFromItsLastCommit()
    {
        var index = _bench.OpenWith(Enumerable.Range(1, 100).Select(n => Entry(n, text: "word")));
        index.Commit(AppliedBatches.None.With(0));
        index.Add(Entry(101));
        Ask(index, "word");
        Assert.NotEqual(0, _bench.Cache.Bytes);

        index.Lock();

        Assert.True(index.IsLocked);
        Assert.Equal(0, _bench.Cache.Bytes);
        Assert.Throws<IndexLockedException>(() => Ask(index, "word"));
        Assert.Throws<IndexLockedException>(() => index.Commit(AppliedBatches.None.WithAllBelow(2)));
        index.Dispose();
        using var again = _bench.Open();
        Assert.Equal(100, again.Count);
    }

    [Fact]
    public async Task SearchesUnderWay_EndWhenTheIndexCloses()
    {
        var index = _bench.OpenWith(Enumerable.Range(1, 2_000).Select(n => Entry(n, text: $"word w{n}")));
        var searching = new TaskCompletionSource();
        var searchers = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
        {
            try
            {
                while (true)
                {
                    Assert.Equal(2_000, index.Search(QueryParser.Parse("word OR w10*"), Visibility.All, 5, null).Total);
                    searching.TrySetResult();
                }
            }
            catch (IndexLockedException)
            {
            }
            catch (Exception fault)
            {
                searching.TrySetException(fault);
                throw;
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await searching.Task.WaitAsync(PatienceMax);
        index.Dispose();
        await Task.WhenAll(searchers).WaitAsync(PatienceMax);
        Assert.Equal(0, _bench.Cache.Bytes);
    }

    [Fact]
    public async Task OneWriter_AndManySearchers_SeeWholeBatches()
    {
        using var index = _bench.Open();
        var stop = new CancellationTokenSource();
        var searchers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Equal(0, index.Search(QueryParser.Parse("word"), Visibility.All, 3, null).Total % 10);
        }, TaskCreationOptions.LongRunning)).ToArray();
        for (var n = 1; n <= 500; n++)
        {
            index.Add(Entry(n, text: "word"));
            if (n % 10 == 0) index.Refresh();
        }
        stop.Cancel();
        await Task.WhenAll(searchers).WaitAsync(PatienceMax);
        Assert.Equal(500, Ask(index, "word").Length);
    }

    [Fact]
    public void SecondWriter_IsRefused()
    {
        using var index = _bench.Open();
        Assert.Throws<IndexInUseException>(() => _bench.Open());
    }

    [Fact]
    public void Threat_28_SlowSearch_IsStopped()
    {
        var clock = new RacingClock();
        _bench.Time = clock;
        using var index = _bench.OpenWith(Enumerable.Range(1, 3_000).Select(n => Entry(n, text: $"word w{n}")));
        Assert.Equal(3_000, index.Search(QueryParser.Parse("word"), Visibility.All, 1, null).Total);
        clock.Step = TimeSpan.FromSeconds(3);
        Assert.Throws<SearchTooSlowException>(() => Ask(index, "word"));
        Assert.Throws<SearchTooSlowException>(() => Ask(index, "w10*"));
    }

    /// <summary>Goes on a step whenever somebody looks at it.</summary>
    private sealed class RacingClock : TimeProvider
    {
        private long _now;

        public TimeSpan Step { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += Step.Ticks;
    }
}
