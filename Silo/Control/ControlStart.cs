using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// Before the silo joins its cluster: brings both stores level and opens the keys. A fault here ends the start, loudly.
/// </summary>
internal sealed partial class ControlStart(ControlStores stores, ControlKeys keys, ILogger<ControlStart> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ControlStart), ServiceLifecycleStage.First, OpenAsync);

    private async Task OpenAsync(CancellationToken cancel)
    {
        var report = await stores.Both.LevelAsync(cancel);
        if (report.Copied + report.Restored > 0) LogLevelled(report.Copied, report.Restored);
        await keys.OpenAsync(stores, cancel);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Control's stores were brought level: {copied} blobs copied to the second, {restored} restored to the first")]
    private partial void LogLevelled(long copied, long restored);
}
