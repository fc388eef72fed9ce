using AMA.Archive.Ids;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// Puts on record which key wraps are the newest: once when the silo answers, for what its start wrapped anew, and then
/// after each write of one, whoever made it.
/// </summary>
internal sealed partial class WrapMarkLoop(
    WrapMarks wraps, IGrainFactory grains, ControlSiloOptions options, ControlSiloParts parts, ILogger<WrapMarkLoop> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(WrapMarkLoop), ServiceLifecycleStage.Active, Start, StopAsync);

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
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await wraps.RecordAsync(grains, options.Region.Text()).WaitAsync(stop);
                await wraps.WaitAsync(stop);
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogNotRecorded(fault);
                await Task.Delay(RetryAfter, parts.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Which key wraps are the newest could not be put on record; Control tries again")]
    private partial void LogNotRecorded(Exception fault);
}
