using System.Threading.Channels;
using AMA.Adapters.Submission;

namespace AMA.Gateway.Cli.Sending;

/// <summary>
/// Sends what is found under the order's paths over its connections. One message a connection is under way and one
/// waits, so memory is bounded by twice as many messages as there are connections.
/// </summary>
internal sealed class Sender(SendOrder order, SendTally tally, Action<Outcome> report, TimeProvider time)
{
    /// <summary>So many messages put off in a row, each after all its tries: the server is in trouble; stop.</summary>
    public const int PutOffInARowMax = 20;

    /// <summary>
    /// Returns when all has been tried; false when it stopped early because the server was away for too long. Throws
    /// <see cref="CliException"/> when nothing can be sent at all, or a source cannot be read to its end.
    /// </summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var queue = Channel.CreateBounded<MessageSource>(order.Connections);
        var sending = Enumerable.Range(0, order.Connections)
            .Select(_ => SendAllAsync(queue.Reader, stop, cancel)).ToArray();
        var finding = FindAllAsync(queue.Writer, stop.Token);
        await foreach (var ended in Task.WhenEach(sending))
            if (ended.IsFaulted) await stop.CancelAsync();
        await finding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RethrowAsync([.. sending, finding]);
        cancel.ThrowIfCancellationRequested();
        return !stop.IsCancellationRequested;
    }

    private async Task FindAllAsync(ChannelWriter<MessageSource> queue, CancellationToken stop)
    {
        try
        {
            var options = new MessageSourceOptions { Skipped = ReportSkipped };
            await foreach (var message in MessageSources.EnumerateAsync(order.Paths, options, stop))
                await queue.WriteAsync(message, stop);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException
            or InvalidDataException)
        {
            throw new CliException(ExitCode.Failure, $"A source cannot be read: {unreadable.Message}",
                "What was read before it has been sent.", unreadable);
        }
        finally
        {
            queue.Complete();
        }
    }

    private async Task SendAllAsync(
        ChannelReader<MessageSource> queue, CancellationTokenSource stop, CancellationToken cancel)
    {
        await using var connection = new SendConnection(order, time);
        await foreach (var message in queue.ReadAllAsync(stop.Token))
        {
            if (stop.IsCancellationRequested) return;
            var outcome = await connection.DeliverAsync(message, stop.Token, cancel);
            tally.Add(outcome.Kind, message.Bytes.Length);
            report(outcome);
            if (tally.PutOffInARow >= PutOffInARowMax) await stop.CancelAsync();
        }
    }

    private void ReportSkipped(string source, string reason)
    {
        var kind = reason == MessageSourceOptions.NotAMessage ? OutcomeKind.Skipped : OutcomeKind.Unsent;
        tally.Add(kind, 0);
        report(new(source, "-", kind, reason));
    }

    /// <summary>The first real cause; cancellations only follow from it.</summary>
    private static async Task RethrowAsync(Task[] ended)
    {
        if (ended.FirstOrDefault(task => task.IsFaulted) is { } faulted) await faulted;
    }
}
