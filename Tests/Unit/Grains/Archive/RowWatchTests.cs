using AMA.Grains.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace AMA.Tests.Unit.Grains.Archive;

/// <summary>A number that is missing is told, and nothing else is.</summary>
public sealed class RowWatchTests
{
    private static readonly Guid Row = new(1, 0, 0, new byte[8]);
    private static readonly Guid Other = new(2, 0, 0, new byte[8]);

    private readonly MemoryBlobStore _primary = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly List<string> _log = [];

    [Fact]
    public async Task MissingNumber_IsNamedOnce_AndRememberedOverARestart()
    {
        var watch = await StartAsync();
        await LookAsync(watch, At(1, 0), At(2, 1), At(4, 3), At(5, 4));
        await LookAsync(watch, At(1, 0), At(2, 1), At(4, 3), At(5, 4));
        var restarted = await StartAsync();
        foreach (var gaps in new[] { watch.Gaps, restarted.Gaps })
            Assert.Equal(new KnownGap(Row, 3, 3, _clock.GetUtcNow()), Assert.Single(gaps));
        await restarted.FinishedAsync([At(1, 0), At(2, 1), At(4, 3), At(5, 4)]);
        await LookAsync(restarted);
        Assert.Single(restarted.Gaps);
        var line = Assert.Single(_log);
        Assert.StartsWith($"Critical Gateway {Row}: segment 3 is missing", line);
    }

    [Fact]
    public async Task WholeRows_AreNeverSuspected_InWhateverOrderTheyAreReadAndFinished()
    {
        // 3 and 4 were given up, and 7 and 8, and one of them turned up all the same.
        RowPlace[] row = [At(1, 0), At(2, 1), At(5, 2), At(6, 5), At(8, 6), At(9, 6), At(10, 9), At(1, 0, Other)];
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var watch = await StartAsync();
            var read = new List<RowPlace>();
            foreach (var place in row.OrderBy(_ => random.Next()))
            {
                // What isn't read yet lies in a store: no look is complete.
                read.Add(place);
                if (random.Next(3) == 0) await watch.FinishedAsync([place]);
            }
            Assert.True(watch.Suspects(read).Count == 0, $"seed {seed}");
            await LookAsync(watch, [.. read]);
            Assert.True(watch.Gaps.Count == 0, $"seed {seed}");
        }
    }

    [Fact]
    public async Task NumberThatIsNewInThisLook_HasAnotherLookToBeExplained()
    {
        var watch = await StartAsync();
        var before = watch.Suspects([At(1, 0)]);
        // 3 came during the look, 2 into a store that had been listed before.
        await watch.ConfirmAsync(before, [At(1, 0), At(3, 2)]);
        Assert.Empty(watch.Gaps);
        await LookAsync(watch, At(1, 0), At(2, 1), At(3, 2));
        Assert.Empty(watch.Gaps);
    }

    [Fact]
    public async Task FirstNumberOfARow_IsMissedToo()
    {
        var watch = await StartAsync();
        await LookAsync(watch, At(2, 1));
        Assert.Equal((1ul, 1ul), (watch.Gaps.Single().First, watch.Gaps.Single().Last));
    }

    [Fact]
    public async Task SegmentThatVanishedBeforeItWasArchived_IsMissedAfterARestart()
    {
        var watch = await StartAsync();
        await LookAsync(watch, At(1, 0), At(2, 1), At(3, 2));
        await watch.FinishedAsync([At(1, 0), At(3, 2)]);
        var restarted = await StartAsync();
        await LookAsync(restarted);
        Assert.Equal((2ul, 2ul), (restarted.Gaps.Single().First, restarted.Gaps.Single().Last));
    }

    [Fact]
    public async Task NumberThatTurnsUp_IsTakenOffTheGap_AndSaysWhatIsStillMissing()
    {
        var watch = await StartAsync();
        await LookAsync(watch, At(1, 0), At(9, 8));
        Assert.Equal((2ul, 8ul), (watch.Gaps.Single().First, watch.Gaps.Single().Last));
        await watch.FinishedAsync([At(6, 3)]);
        Assert.Equal([(2ul, 3ul), (7ul, 8ul)], watch.Gaps.Select(gap => (gap.First, gap.Last)));
        await watch.FinishedAsync([At(3, 1)]);
        await watch.FinishedAsync([At(8, 6)]);
        Assert.Empty(watch.Gaps);
        Assert.Empty((await StartAsync()).Gaps);
    }

    [Fact]
    public async Task FileThatIsLost_IsSaid_AndMakesNoFalseAlarm()
    {
        var watch = await StartAsync();
        await watch.FinishedAsync([At(1, 0), At(2, 1)]);
        await _primary.PutIfAbsentAsync("done/something", default, default);
        await _primary.DeleteAsync(RowStore.Name, default);
        watch = await StartAsync();
        Assert.StartsWith("Error ", Assert.Single(_log));
        await LookAsync(watch, At(3, 2));
        await watch.FinishedAsync([At(3, 2)]);
        Assert.Empty(watch.Gaps);
        // From then on it is whole again.
        await LookAsync(await StartAsync(), At(5, 4));
        Assert.Equal(4ul, (await StartAsync()).Gaps.Single().Last);
    }

    [Fact]
    public async Task WhatOthersHaveFinishedMeanwhile_IsNotMissing()
    {
        var (late, other) = (await StartAsync(), await StartAsync());
        await other.FinishedAsync([At(1, 0), At(2, 1)]);
        await LookAsync(late, At(3, 2));
        Assert.Empty(late.Gaps);
        await LookAsync(late, At(3, 2));
        Assert.Empty(late.Gaps);
        await late.FinishedAsync([At(3, 2)]);
        await LookAsync(await StartAsync(), At(4, 3));
        Assert.Empty((await StartAsync()).Gaps);
    }

    [Fact]
    public async Task RowsOfLongAgo_AreForgotten()
    {
        var watch = await StartAsync();
        await LookAsync(watch, At(3, 2, Other));
        await watch.FinishedAsync([At(3, 2, Other)]);
        _clock.Advance(RowWatch.RowLife + TimeSpan.FromHours(1));
        await watch.FinishedAsync([At(1, 0)]);
        Assert.Empty(watch.Gaps);
        Assert.DoesNotContain(Other.ToString(), Text(await _primary.GetAsync(RowStore.Name, default)));
    }

    private static string Text(AMA.Archive.Blobs.Blob? blob) => System.Text.Encoding.UTF8.GetString(blob!.Content.Span);

    /// <summary>What was seen before a look is seen after it, and nothing else is in the stores.</summary>
    private static Task LookAsync(RowWatch watch, params RowPlace[] known) =>
        watch.ConfirmAsync(watch.Suspects(known), known);

    private async Task<RowWatch> StartAsync()
    {
        var watch = new RowWatch(new RowStore(_primary), _clock, new Lines(_log));
        await watch.LoadAsync();
        return watch;
    }

    private static RowPlace At(ulong number, ulong after, Guid? row = null) => new(row ?? Row, number, after);

    private sealed class Lines(List<string> to) : ILogger<RowWatch>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(
            LogLevel level, EventId id, TState state, Exception? fault, Func<TState, Exception?, string> format) =>
            to.Add($"{level} {format(state, fault)}");
    }
}
