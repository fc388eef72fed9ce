using AMA.Adapters.Hosting;
using AMA.Silo.Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>
/// The embedded host in this process, on free ports and a data directory of its own. May be stopped and started again
/// on what it left behind.
/// </summary>
public class EmbeddedArchive : RunningArchive, IAsyncLifetime
{
    public TempFolder Folder { get; } = new("archive");

    public CapturedLog Log { get; } = new();

    public EmbeddedHost Host { get; private set; } = null!;

    /// <summary>Settings beyond the usual ones of a test.</summary>
    protected virtual Dictionary<string, string?> Settings => [];

    protected virtual LogLevel LogLevelMin => LogLevel.Warning;

    public virtual async ValueTask InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        var settings = new SettingsReader(
            new ConfigurationBuilder().AddInMemoryCollection(UsualSettings()).AddInMemoryCollection(Settings).Build());
        var options = EmbeddedOptions.Read(settings);
        Assert.Empty(settings.Problems);
        Host = await EmbeddedHost.StartAsync(
            options, logging => logging.SetMinimumLevel(LogLevelMin).AddProvider(Log), TimeProvider.System);
        var token = await File.ReadAllTextAsync(options.Control.OperatorTokenFile);
        Doors = new Doors(
            Host.WebAddress, Host.SmtpPorts.StartTls, Host.SmtpPorts.ImplicitTls, Host.Certificate.Fingerprint,
            token.Trim());
    }

    public async Task StopAsync()
    {
        var host = Host;
        Host = null!; // a start that fails later leaves nothing to be stopped twice
        await host.DisposeAsync();
    }

    public async Task RestartAsync(Action? whileStopped = null)
    {
        await StopAsync();
        whileStopped?.Invoke();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Host is not null) await StopAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private Dictionary<string, string?> UsualSettings() => new()
    {
        ["AMA:DataDirectory"] = Folder.Path,
        ["AMA:Smtp:Endpoint"] = "127.0.0.1:0",
        ["AMA:Smtp:ImplicitTlsEndpoint"] = "127.0.0.1:0",
        ["AMA:Web:Endpoint"] = "http://127.0.0.1:0",
        ["AMA:Web:SignInsPerMinuteMax"] = "1000",
    };
}

/// <summary>Leases as short as they can be, so that the end of one can be waited for.</summary>
public class ShortLeaseArchive : EmbeddedArchive
{
    public const int TtlSeconds = 10;

    protected override Dictionary<string, string?> Settings => new() { ["AMA:Lease:TtlSeconds"] = $"{TtlSeconds}" };
}
