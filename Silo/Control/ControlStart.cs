using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// Before the silo joins its cluster: opens the key roots, brings both stores level and opens the keys. A fault here ends the start, loudly.
/// </summary>
internal sealed partial class ControlStart(
    ControlStores stores, ControlKeys keys, SilentRoots silent, ILogger<ControlStart> log) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ControlStart), ServiceLifecycleStage.First, OpenAsync);

    private async Task OpenAsync(CancellationToken cancel)
    {
        keys.OpenRoots();
        stores.Doubtful = LogDoubtful;
        if (stores.IsBackupNear) LogNear(stores.BackupDirectory);
        var report = await stores.LevelAsync(await silent.FindAsync(cancel), cancel);
        if (report.Copied + report.Restored > 0) LogLevelled(report.Copied, report.Restored);
        await stores.RefuseIfLostAsync(cancel);
        await keys.OpenAsync(stores, cancel);
    }

    [LoggerMessage(2, LogLevel.Warning,
        "Control's off-site backup is in {directory}, beside its stores: what takes them takes it too. Set "
        + "AMA:Control:OffsiteBackup to a directory elsewhere")]
    private partial void LogNear(string directory);

    [LoggerMessage(3, LogLevel.Critical,
        "ALARM: a blob's generation does not follow its newest version off site: damaged, forged or put back. It is kept "
        + "there as {name} and no restore takes it; compare it with what lies in Control's stores")]
    private partial void LogDoubtful(string name);

    [LoggerMessage(1, LogLevel.Warning,
        "Control's stores were brought level: {copied} blobs copied to the second, {restored} restored to the first")]
    private partial void LogLevelled(long copied, long restored);
}
