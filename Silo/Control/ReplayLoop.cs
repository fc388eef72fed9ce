using AMA.Grains.Control.Survival;
using AMA.Silo.Control.Admin;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// After a restore: it goes on record, and the tenants' erasures are replayed from the moment the silo answers until none waits. Tenants that
/// wait stand in "ama control status".
/// </summary>
internal sealed partial class ReplayLoop(
    RestoreRecord record, TenantReplays replays, ReplayBoard board, ControlSiloParts parts, ILogger<ReplayLoop> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ReplayLoop), ServiceLifecycleStage.Active, Start, StopAsync);

    private Task Start(CancellationToken cancel)
    {
        _loop = LoopAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        await _stopping.CancelAsync();
        await _loop.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        while (!await TryRoundAsync(stop))
            await Task.Delay(RetryAfter, parts.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>True: nothing is left to do.</summary>
    private async Task<bool> TryRoundAsync(CancellationToken stop)
    {
        try
        {
            if (stop.IsCancellationRequested) return true;
            await record.RunAsync().WaitAsync(stop);
            return await replays.RoundAsync(stop);
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            LogFailed(fault);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        finally
        {
            board.EndRound();
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Erasures could not be replayed after the restore; Control tries again")]
    private partial void LogFailed(Exception fault);
}

/// <summary>Tenants that wait after a restore; no line when there are none.</summary>
internal sealed class ReplayStatus(ReplayBoard board) : IStatusPart
{
    private const int ShownMax = 8;

    public Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel)
    {
        var waiting = board.Waiting.OrderBy(each => each.Value.Fault is null).ToArray();
        List<StatusLine> lines = [];
        if (waiting.Length > 0)
            lines.Add(new("replay after restore", $"{waiting.Length} tenants wait for it", Good: false));
        lines.AddRange(waiting.Take(ShownMax).Select(each =>
            new StatusLine($"tenant {each.Key:N}", each.Value.ToString(), each.Value.Fault is null)));
        return Task.FromResult<IReadOnlyList<StatusLine>>(lines);
    }
}
