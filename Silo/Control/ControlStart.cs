using AMA.Grains.Control.Keys;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// Before the silo joins its cluster: brings both stores level and opens the keys. A fault here ends the start, loudly.
/// </summary>
internal sealed partial class ControlStart(
    ControlSiloOptions options, ControlSiloParts parts, ControlStores stores, KeyRingSlot slot,
    ILogger<ControlStart> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ControlStart), ServiceLifecycleStage.First, OpenAsync);

    private async Task OpenAsync(CancellationToken cancel)
    {
        var files = new PrivateFiles(parts.Files);
        var report = await stores.Both.LevelAsync(cancel);
        if (report.Copied + report.Restored > 0) LogLevelled(report.Copied, report.Restored);
        var roots = new KeyRootFiles(files, parts.Random);
        var (a, b) = (roots.Open("a", options.DirectoryA), roots.Open("b", options.DirectoryB));
        using (a.Key)
        using (b.Key)
        {
            var opening = new KeyRingOpening(stores.Both, options.Region, parts.Random, parts.Time);
            var token = new OperatorTokenFile(files, parts.Random);
            slot.Set(await opening.OpenAsync([a, b], () => token.Make(options.OperatorTokenFile), cancel));
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Control's stores were brought level: {copied} blobs copied to the second, {restored} restored to the first")]
    private partial void LogLevelled(long copied, long restored);
}
