using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// A key root that is silent when Control starts: Control serves what it can read with the other one, and brings the
/// stores level when the root is back. "ama control status" shows it, as it does any root that is silent.
/// </summary>
internal sealed partial class SilentRoots(
    ControlSiloOptions options, ControlSiloParts parts, ControlStores stores, ControlKeyRoots roots,
    ILogger<SilentRoots> log) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _silent = [];
    private Task _loop = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SilentRoots), ServiceLifecycleStage.Active, Start, StopAsync);

    /// <summary>At start: whether one is silent. Throws <see cref="KeyRootException"/> when both are.</summary>
    public async Task<bool> FindAsync(CancellationToken cancel)
    {
        foreach (var root in roots.All)
        {
            if (await FaultOfAsync(root.Root, cancel) is not { } fault) continue;
            _silent.Add(root.Name);
            LogSilent(root.Name, fault);
            if (_silent.Count == roots.All.Count) throw fault;
        }
        return _silent.Count > 0;
    }

    private Task Start(CancellationToken cancel)
    {
        if (_silent.Count > 0) _loop = LoopAsync(_stopping.Token);
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
        while (!stop.IsCancellationRequested && _silent.Count > 0)
        {
            try
            {
                await Task.Delay(RetryAfter, parts.Time, stop);
                await TryAsync(stop);
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogNotLevel(fault);
            }
        }
    }

    private async Task TryAsync(CancellationToken stop)
    {
        foreach (var name in _silent)
        {
            var root = roots.All.Single(root => root.Name == name).Root;
            var again = root is SilentKeyRoot ? ControlKeys.Open(name, options, parts).Root : root;
            if (await FaultOfAsync(again, stop) is not null)
            {
                if (again != root) await again.DisposeAsync();
                return;
            }
            if (again != root) roots.Replace(name, again);
        }
        await new RootWraps(stores.Both, options.Region, parts.Random).PutAllRightAsync(roots.All, stop);
        var report = await stores.LevelAsync(isRootSilent: false, stop);
        LogBack(string.Join(", ", _silent), report.Copied, report.Restored);
        _silent.Clear();
    }

    private async Task<KeyRootException?> FaultOfAsync(IKeyRoot root, CancellationToken cancel)
    {
        try
        {
            await root.ListAsync(cancel).WaitAsync(AnswerMax, parts.Time, cancel);
            return null;
        }
        catch (KeyRootException fault) when (fault.IsSilent)
        {
            return fault;
        }
        catch (TimeoutException)
        {
            return new(KeyRootFault.Unavailable, $"{root.Description} has not answered for {AnswerMax.TotalSeconds:0} s.");
        }
    }

    [LoggerMessage(1, LogLevel.Critical,
        "ALARM: key root {name} is silent. Control opens keys with the other one and writes no tenant's keys: no new mail is "
        + "taken into archives until it is back")]
    private partial void LogSilent(string name, KeyRootException fault);

    [LoggerMessage(2, LogLevel.Warning,
        "Key root {name} is back, and Control's stores are level: {copied} blobs copied to the second, {restored} restored to "
        + "the first")]
    private partial void LogBack(string name, long copied, long restored);

    [LoggerMessage(3, LogLevel.Error, "A key root is back, but the stores could not be brought level; Control tries again")]
    private partial void LogNotLevel(Exception fault);
}
