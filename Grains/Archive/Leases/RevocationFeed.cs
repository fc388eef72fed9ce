using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// Asks Control without pause what was revoked, and does it here: leases end, sessions are refused. While Control is
/// away nothing is heard; then leases end by their time, and no new one is given.
/// </summary>
public sealed class RevocationFeed(
    SiloIdentity identity,
    RevocationEffect effect,
    [FromKeyedServices(ClusterNames.Control)] RemoteCluster control,
    TimeProvider time,
    ILogger<RevocationFeed> log) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private long _version;

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        try
        {
            await control.Ready.WaitAsync(stopping);
            while (!stopping.IsCancellationRequested)
            {
                if (!await TryAskAsync(stopping)) await Task.Delay(RetryAfter, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops; its leases end with it.
        }
    }

    private async Task<bool> TryAskAsync(CancellationToken stopping)
    {
        try
        {
            var feed = control.Client.GetGrain<IRevocationsGrain>(identity.Region.Text());
            var news = await feed.Since(_version).WaitAsync(stopping);
            foreach (var view in news.Revocations.OrderBy(view => view.Version))
                if (RevocationViews.Read(view) is { } revocation) effect.Apply(revocation);
            _version = news.Version;
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LeaseLog.FeedAway(log, e.GetType().Name, e.Message);
            return false;
        }
    }
}

/// <summary>What a revocation does in this silo.</summary>
public sealed class RevocationEffect(
    SiloIdentity identity, LeaseHolder holder, PartitionKeys partition, RevokedSessions sessions,
    ILogger<RevocationEffect> log)
{
    public void Apply(Revocation revocation)
    {
        if (revocation.Kind == RevocationKind.Silo && revocation.Silo != identity.Name) return;
        if (revocation is { Kind: RevocationKind.Session, Id: { } session }) sessions.Add(session);
        if (revocation.Kind is RevocationKind.Silo or RevocationKind.Region) partition.Forget();
        // Here every lease is this silo's: of the silo means all of them.
        var ended = holder.Revoke(
            revocation.Kind == RevocationKind.Silo ? Revocation.OfRegion(revocation.Held) : revocation);
        LeaseLog.Revoked(
            log, LevelOf(revocation.Kind, ended), revocation.Kind, revocation.Id, revocation.Silo, ended);
    }

    /// <summary>People sign out all day, and a silo that starts hears of everything anew: no reason to warn.</summary>
    public static LogLevel LevelOf(RevocationKind kind, int ended) =>
        kind == RevocationKind.Session || ended == 0 ? LogLevel.Debug : LogLevel.Warning;
}
