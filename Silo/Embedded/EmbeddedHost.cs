using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Metrics;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Gateway.Smtp;
using AMA.Gateway.Web;
using AMA.Silo.Archive;
using AMA.Silo.Control;
using AMA.Silo.Control.Recovery;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace AMA.Silo.Embedded;

/// <summary>
/// Everything in one process: a Control cluster, a production cluster with one archive silo, and the two gateways,
/// each a host of its own with the walls between them that separate machines would have. Started from the keys
/// outwards, stopped from the door inwards.
/// </summary>
public sealed class EmbeddedHost : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(25);

    /// <summary>For the SMTP gateway's certificate and directory; usually a fraction of a second.</summary>
    private static readonly TimeSpan ReadyTimeMax = TimeSpan.FromSeconds(60);

    private readonly EmbeddedOptions _options;
    private readonly Action<ILoggingBuilder> _logging;
    private readonly TimeProvider _time;
    private readonly SystemRandom _random = SystemRandom.Instance;
    private readonly DurableFiles _files = new();
    private readonly FileStream _lock;
    private readonly EmbeddedStores _stores;
    private readonly ClusterPorts _control;
    private readonly ClusterPorts _production;
    private readonly EmbeddedPeers _peers;
    private IHost? _controlSilo;
    private IHost? _archiveSilo;
    private WebApplication? _smtp;
    private WebApplication? _web;
    private MetricsListener? _metrics;

    private EmbeddedHost(EmbeddedOptions options, Action<ILoggingBuilder> logging, TimeProvider time)
    {
        _options = options with { Control = WithEnrolmentPort(options.Control) };
        _logging = logging;
        _time = time;
        _lock = options.Data.Lock();
        _files.SelfTest();
        _stores = new(options.Data, _files);
        _control = ClusterPorts.PickFree($"ama-control-{_random.NextId():N}");
        _production = ClusterPorts.PickFree($"ama-production-{_random.NextId():N}");
        _peers = new(options.Region, _options.Control.EnrolmentEndpoint, time);
        Certificate = SmtpCertificate.LoadOrCreate(
            options.Smtp.CertificatePath, options.Data.Root, options.Smtp.HostName, _files, time);
    }

    public EmbeddedOptions Options => _options;
    public SmtpCertificate Certificate { get; }
    public SmtpPorts SmtpPorts => SmtpGatewayHost.BoundPorts(_smtp!);
    /// <summary>Where metrics answer; null: nowhere.</summary>
    public Uri? MetricsAddress => _metrics?.Address;

    public Uri WebAddress => new(_web!.Urls.First());

    /// <summary>Starts everything; it takes mail when this returns. Throws what keeps it from starting.</summary>
    /// <param name="cancel">Ends the wait for somebody who restores Control's keys.</param>
    public static async Task<EmbeddedHost> StartAsync(
        EmbeddedOptions options, Action<ILoggingBuilder> logging, TimeProvider time, CancellationToken cancel = default)
    {
        var host = new EmbeddedHost(options, logging, time);
        try
        {
            host._metrics = await MetricsListener.StartAsync(options.Metrics, logging);
            await host.StartControlAsync(cancel);
            await host.StartPeersAsync();
            await host.StartArchiveAsync();
            await host.StartGatewaysAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes Control away, as a network or an operator might: for tests and drills.</summary>
    public async Task StopControlAsync()
    {
        if (_controlSilo is null) return;
        await StopAsync(_controlSilo);
        _controlSilo = null;
    }

    public async Task StartControlAsync(CancellationToken cancel = default)
    {
        _controlSilo = await RecoveryMode.StartSiloAsync(_options.Control, new()
        {
            Ports = _control,
            Time = _time,
            Random = _random,
            Files = _files,
            OpenStore = directory => new FileBlobStore(directory, _files),
            Logging = _logging,
        }, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in new IHost?[] { _smtp, _web, _archiveSilo, _controlSilo })
        {
            if (host is not null) await TryStopAsync(host);
        }
        if (_metrics is not null) await _metrics.DisposeAsync();
        _stores.Dispose();
        Certificate.Certificate.Dispose();
        await _lock.DisposeAsync();
    }

    private async Task StartArchiveAsync()
    {
        _archiveSilo = ArchiveSilo.Build(new()
        {
            Region = _options.Region,
            Identity = _peers.Backend,
            Primary = _stores.Primary,
            Backup = _stores.Backup,
            Spool = _stores.Spool,
            IndexDirectory = _options.Data.Index,
            Files = _files,
            Random = _random,
            Time = _time,
            Ports = _production,
            Pass = new(_random.NextBytes(32)),
            ConfigureControl = Client(_control, PeerRoles.Control, _peers.Backend),
            Logging = _logging,
        });
        await _archiveSilo.StartAsync();
    }

    private async Task StartGatewaysAsync()
    {
        _smtp = SmtpGatewayHost.Build(_options.Smtp, new()
        {
            Spool = _stores.Spool,
            Identity = _peers.Gateway,
            ConfigureCluster = Client(_production, PeerRoles.Production, _peers.Gateway),
            Region = _options.Region,
            Time = _time,
            Random = _random,
            Certificate = Certificate.Certificate,
            Chain = Certificate.Chain,
            Logging = _logging,
        });
        _web = WebGatewayHost.Build(_options.Web, new()
        {
            Identity = _peers.Web,
            ConfigureProduction = Client(_production, PeerRoles.Production, _peers.Web),
            ConfigureControl = Client(_control, PeerRoles.Control, _peers.Web),
            Region = _options.Region,
            Time = _time,
            Logging = _logging,
        });
        await Task.WhenAll(_smtp.StartAsync(), _web.StartAsync());
        await ReadyAsync(_smtp.Services, ClusterNames.Production);
        await ReadyAsync(_web.Services, ClusterNames.Production);
        await ReadyAsync(_web.Services, ClusterNames.Control);
        using var limit = new CancellationTokenSource(ReadyTimeMax);
        await SmtpGatewayHost.ReadyAsync(_smtp, limit.Token);
    }

    private async Task StartPeersAsync()
    {
        using var limit = new CancellationTokenSource(ReadyTimeMax);
        await _peers.StartAsync(_controlSilo!.Services, limit.Token);
    }

    private static Action<IClientBuilder> Client(ClusterPorts ports, PeerRoles roles, PeerKeeper own) =>
        client => client.UseLocalClient(ports, new ClusterTls(own.Credentials, roles));

    /// <summary>Known before Control starts, and the same when it starts again.</summary>
    private static ControlSiloOptions WithEnrolmentPort(ControlSiloOptions control) =>
        control.EnrolmentEndpoint.Port != 0 ? control : control with
        {
            EnrolmentEndpoint = new(control.EnrolmentEndpoint.Address, ClusterPorts.PickFree()),
        };

    private static Task ReadyAsync(IServiceProvider services, string cluster) =>
        services.GetRequiredKeyedService<RemoteCluster>(cluster).Ready;

    /// <summary>One host that doesn't stop in time must not keep the others from stopping in order.</summary>
    private async Task TryStopAsync(IHost host)
    {
        try
        {
            await StopAsync(host);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"A part of AMA did not stop in order: {e.Message}");
        }
    }

    private async Task StopAsync(IHost host)
    {
        using var timeout = new CancellationTokenSource(StopTimeMax + _options.Smtp.StopTimeMax);
        await host.StopAsync(timeout.Token);
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }
}
