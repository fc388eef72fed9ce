using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace AMA.Silo.Control.Identity;

/// <summary>
/// A control silo's own papers: it has the CA, so it issues them itself, once its keys are open and before it listens,
/// and again at two thirds of their life.
/// </summary>
internal sealed partial class ControlIdentity(
    PeerCredentials credentials, ControlSiloParts parts, IServiceProvider services, ILogger<ControlIdentity> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Between two looks at the list of the revoked, which another control silo may have changed.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>After the keys, which open first, and before anything listens.</summary>
    private const int Stage = ServiceLifecycleStage.RuntimeInitialize - 1000;

    private readonly CancellationTokenSource _stopping = new();
    private Task _looking = Task.CompletedTask;
    private byte[] _issuer = [];

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(ControlIdentity), Stage, _ => BeginAsync());
        lifecycle.Subscribe(nameof(ControlIdentity), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    /// <summary>Looks now: somebody was shut out, it is time for a new certificate, or the CA has changed.</summary>
    public async Task LookAsync()
    {
        var desk = services.GetRequiredService<PeerDesk>();
        var revoked = await desk.RevokedAsync();
        if (parts.Time.GetUtcNow() >= credentials.Papers.RenewAt || desk.OwnAuthority != _issuer) Issue(revoked);
        credentials.Set(credentials.Papers, desk.Authorities, revoked);
    }

    /// <summary>
    /// Before anything listens: who was shut out stays so from the first connection on. No grain answers yet, so the
    /// list is read where the grain keeps it; whether that is an older copy, the grain says a moment later.
    /// </summary>
    private async Task BeginAsync()
    {
        var ring = services.GetRequiredService<KeyRing>();
        var stored = new GrainState<IdentityState>();
        await services.GetRequiredKeyedService<IGrainStorage>(ControlStorage.Name).ReadStateAsync(
            IdentityGrain.StateName, GrainId.Create(IdentityGrain.TypeName, ring.Region.Text()), stored);
        var revoked = stored.State?.Revoked ?? [];
        services.GetRequiredService<ControlTrust>().Set(revoked);
        Issue(revoked);
    }

    private void Issue(IReadOnlyList<RevokedPeer> revoked)
    {
        var desk = services.GetRequiredService<PeerDesk>();
        _issuer = desk.OwnAuthority;
        credentials.Set(services.GetRequiredService<CertificateIssuer>().IssueOwn(parts.Name), desk.Authorities, revoked);
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        await LookAsync();
        _looking = LookAgainAsync(_stopping.Token);
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        await _stopping.CancelAsync();
        await _looking.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task LookAgainAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(LookEvery, parts.Time, stop);
                await LookAsync();
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogNotLooked(fault);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The list of the revoked could not be read; the one before stays in force")]
    private partial void LogNotLooked(Exception fault);
}
