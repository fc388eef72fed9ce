using AMA.Grains.Control.Audit;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>Every minute, and before the silo stops: the refusals that got no entry of their own get one together.</summary>
internal sealed partial class RefusalRounds(ControlSiloParts parts, RefusalRecord record, ILogger<RefusalRounds> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(RefusalRounds), ServiceLifecycleStage.Last, Start, StopAsync);

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
        await SummariseAsync();
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(RefusalBudget.Window, parts.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token)) await SummariseAsync();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private async Task SummariseAsync()
    {
        try
        {
            await record.SummariseAsync();
        }
        catch (Exception fault)
        {
            LogFailed(fault);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The number of refusals beyond their entries is not on record yet")]
    private partial void LogFailed(Exception fault);
}
