using AMA.Adapters.Submission;
using Spectre.Console;

namespace AMA.Gateway.Cli.Sending;

/// <summary>A bar on the terminal while messages are sent. How many there are is counted beside the sending.</summary>
internal sealed class SendProgress(SendOrder order, SendTally tally, Surroundings around)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(150);
    private int _found;
    private bool _counted;

    public async Task<bool> WatchAsync(Func<CancellationToken, Task<bool>> send, CancellationToken cancel)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(around.Error) });
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var counting = CountAsync(done.Token);
        try
        {
            return await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                    new RemainingTimeColumn())
                .StartAsync(context => ShowAsync(context.AddTask("sending", autoStart: true), send(cancel)));
        }
        finally
        {
            await done.CancelAsync();
            await counting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ShowAsync(ProgressTask bar, Task<bool> sending)
    {
        bar.IsIndeterminate = true;
        var start = around.Time.GetTimestamp();
        while (!sending.IsCompleted)
        {
            await Task.WhenAny(sending, Task.Delay(Refresh, around.Time));
            if (Volatile.Read(ref _counted)) (bar.IsIndeterminate, bar.MaxValue) = (false, Volatile.Read(ref _found));
            var seconds = Math.Max(around.Time.GetElapsedTime(start).TotalSeconds, 0.001);
            var delivered = tally[OutcomeKind.Delivered];
            bar.Description = $"{delivered} delivered, {delivered / seconds:0}/s, "
                + $"{tally.Bytes / seconds / 1e6:0.0} MB/s";
            bar.Value = tally.Done - tally[OutcomeKind.Skipped] - tally[OutcomeKind.Unsent];
        }
        return await sending;
    }

    /// <summary>Reads the sources once more, only to count: they are in the page cache, or will be.</summary>
    private async Task CountAsync(CancellationToken cancel)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // not on the sender's back
        await foreach (var _ in MessageSources.EnumerateAsync(order.Paths, new(), cancel))
            Interlocked.Increment(ref _found);
        Volatile.Write(ref _counted, true);
    }
}
