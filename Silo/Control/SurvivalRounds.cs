using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>Lets Control look after its own keys every hour, from the moment the silo answers until it stops.</summary>
internal sealed partial class SurvivalRounds(
    ControlSiloOptions options, ControlSiloParts parts, SurvivalCare care, ILogger<SurvivalRounds> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SurvivalRounds), ServiceLifecycleStage.Last, Start, StopAsync);

    private Task Start(CancellationToken cancel)
    {
        _loop = LoopAsync();
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(Period, parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token)) await TendAsync();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task TendAsync()
    {
        try
        {
            await care.TendAsync(options.Region).WaitAsync(_end.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Control could not look after its keys; it tries again within the hour")]
    private partial void LogFailed(Exception fault);
}
