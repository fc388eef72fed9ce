using AMA.Adapters.Hosting.Tls;
using AMA.Grains.Control.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

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

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(ControlIdentity), Stage, _ => Issue());
        lifecycle.Subscribe(nameof(ControlIdentity), ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    /// <summary>Looks now: somebody was shut out, or it is time for a new certificate.</summary>
    public async Task LookAsync()
    {
        if (parts.Time.GetUtcNow() >= credentials.Papers.RenewAt) await Issue();
        var desk = services.GetRequiredService<PeerDesk>();
        credentials.Set(credentials.Papers, desk.Authorities, await desk.RevokedAsync());
    }

    private Task Issue()
    {
        var papers = services.GetRequiredService<CertificateIssuer>().IssueOwn(parts.Name);
        credentials.Set(papers, services.GetRequiredService<PeerDesk>().Authorities, []);
        return Task.CompletedTask;
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
