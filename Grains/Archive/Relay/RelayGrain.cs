using AMA.Adapters.Hosting;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Relay;

/// <summary>
/// Passes Control's signed documents on to gateways and tells when they have them. Holds no state that matters: after
/// a restart the gateways ask again.
/// </summary>
public sealed class RelayGrain(
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    TimeProvider time,
    ILogger<RelayGrain> log) : Grain, IRelayGrain
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PublishWaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectedFor = TimeSpan.FromSeconds(5);
    private const int GatewaysMax = 1_000;

    private readonly Dictionary<Guid, Gateway> _gateways = [];
    private TaskCompletionSource _changed = Signal();
    private GatewayDocuments? _documents;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        this.RegisterGrainTimer(RefreshAsync, TimeSpan.Zero, RefreshEvery);
        return Task.CompletedTask;
    }

    public async Task<RelayedDocuments?> Next(Guid gateway, long knownVersion)
    {
        if (_gateways.Count >= GatewaysMax) ForgetSilent();
        var asking = _gateways[gateway] = new(knownVersion, time.GetTimestamp(), _gateways.GetValueOrDefault(gateway)?.QueueKeys);
        Announce();
        await WaitForChangeAsync(HoldMax, () => News(asking));
        if (!News(asking)) return null;
        _gateways[gateway] = asking with { QueueKeys = _documents!.QueueKeys };
        return new(_documents.DirectoryVersion, _documents.Directory, _documents.QueueKeys);
    }

    public async Task<bool> Publish(long version)
    {
        await RefreshAsync(CancellationToken.None);
        Announce();
        await WaitForChangeAsync(PublishWaitMax, () => Known(version));
        return Known(version);
    }

    private bool News(Gateway asking) => _documents is { } documents
        && (documents.DirectoryVersion > asking.Version || asking.QueueKeys is null
            || !documents.QueueKeys.AsSpan().SequenceEqual(asking.QueueKeys));

    private bool Known(long version) => _documents?.DirectoryVersion >= version
        && _gateways.Values.Where(g => time.GetElapsedTime(g.Seen) < ConnectedFor).All(g => g.Version >= version);

    private async Task RefreshAsync(CancellationToken cancel)
    {
        try
        {
            var before = _documents?.DirectoryVersion;
            var directory = control.Client.GetGrain<IDirectoryGrain>(this.GetPrimaryKeyString());
            if (await directory.News(_documents?.Issue) is not { } news) return;
            _documents = news;
            if (news.DirectoryVersion != before) Announce();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            RelayLog.ControlAway(log, e.GetType().Name);
        }
    }

    private async Task WaitForChangeAsync(TimeSpan most, Func<bool> enough)
    {
        var started = time.GetTimestamp();
        for (var left = most; !enough() && left > TimeSpan.Zero; left = most - time.GetElapsedTime(started))
        {
            try
            {
                await _changed.Task.WaitAsync(left, time);
            }
            catch (TimeoutException)
            {
                return;
            }
        }
    }

    private void Announce()
    {
        var changed = _changed;
        _changed = Signal();
        changed.SetResult();
    }

    private void ForgetSilent()
    {
        foreach (var (gateway, _) in _gateways.Where(g => time.GetElapsedTime(g.Value.Seen) > ConnectedFor).ToArray())
            _gateways.Remove(gateway);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="Version">The directory version it says it has.</param>
    /// <param name="QueueKeys">The queue keys it was given last.</param>
    private sealed record Gateway(long Version, long Seen, byte[]? QueueKeys);
}
