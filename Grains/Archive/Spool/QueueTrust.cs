using System.Collections.Concurrent;
using AMA.Adapters.Hosting;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// What a spool segment is checked against: the region's CAs, the gateways that were expelled, and the queue keys
/// that Control signed. Kept in memory, so that checking goes on while Control is away.
/// </summary>
public sealed class QueueTrust(
    SiloIdentity identity,
    LeaseClient leases,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    QueueBacklog backlog,
    TimeProvider time) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly ConcurrentDictionary<ulong, QueuePublicKey> _keys = [];
    private SegmentTrust? _trust;
    private DocumentsIssue? _issue;
    private HeldLease? _lease;
    private long _tried;

    /// <summary>A checker that knows every queue key there is, or throws what Control's cluster throws.</summary>
    public async ValueTask<SegmentTrust> CurrentAsync() => _trust ?? await RefreshAsync();

    /// <summary>
    /// Sees to a live queue lease; throws <see cref="Interfaces.Archive.ArchiveException"/> (Locked) while there is
    /// none to be had. A lease older than its renewal time is asked for anew: a new week has a new key.
    /// </summary>
    public async ValueTask EnsureLeaseAsync()
    {
        if (Enough) return;
        await _gate.WaitAsync();
        try
        {
            if (Enough) return;
            _tried = time.GetTimestamp();
            await ReplaceLeaseAsync();
            await RefreshAsync();
        }
        catch (Exception) when (_lease is { MayStart: true } && _trust is not null)
        {
            // Control is away: what is held still opens the queue for a while.
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>A lease that is fresh, or one still good after a failed try of late.</summary>
    private bool Enough => _trust is not null && _lease is { MayStart: true } lease
        && (!lease.RenewalDue || time.GetElapsedTime(_tried) < RetryAfter);

    private async Task ReplaceLeaseAsync()
    {
        var before = _lease;
        _lease = await leases.QueueAsync(await backlog.OldestWeekAsync());
        if (before is not null) await leases.ReleaseAsync(before);
    }

    private async ValueTask<SegmentTrust> RefreshAsync()
    {
        await identity.EnsureAsync();
        var directory = control.Client.GetGrain<IDirectoryGrain>(identity.Region.Text());
        if (await directory.News(_issue) is not { } documents) return _trust!;
        if (!QueueKeysDocument.TryVerify(documents.QueueKeys, identity.SigningKey, out var document))
            throw new InvalidOperationException("the queue keys are not signed by Control");
        foreach (var key in document.Keys)
            _keys[key.KeyId] = new(key.KeyId, key.PublicKey, key.NotBefore, key.NotAfter);
        _trust ??= new(() => identity.PeerTrust, identity.Region, id => _keys.GetValueOrDefault(id));
        _issue = documents.Issue;
        return _trust;
    }
}
