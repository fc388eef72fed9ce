using AMA.Adapters.Hosting;
using AMA.Archive.Ids;
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

    /// <summary>Of everything in the archive.</summary>
    protected virtual TimeProvider Clock => TimeProvider.System;

    protected virtual LogLevel LogLevelMin => LogLevel.Warning;

    public virtual async ValueTask InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        var settings = new SettingsReader(
            new ConfigurationBuilder().AddInMemoryCollection(UsualSettings()).AddInMemoryCollection(Settings).Build());
        var options = EmbeddedOptions.Read(settings);
        Assert.Empty(settings.Problems);
        Host = await EmbeddedHost.StartAsync(
            options, logging => logging.SetMinimumLevel(LogLevelMin).AddProvider(Log), Clock);
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

    /// <summary>
    /// Takes one of the stores away until it is disposed of: a file stands in its place, which stops root, too.
    /// </summary>
    public StoreAway TakeAway(string store) => new(Folder.At(store));

    /// <summary>Where a message's segment lies in a spool store.</summary>
    public string Segment(string store, string receipt)
    {
        Assert.True(DeliveryId.TryParse(receipt, out var delivery));
        var folder = Directory.CreateDirectory(Folder.At("spool", store, "segments"));
        return Path.Combine(folder.FullName, $"{delivery.Segment}.amq1");
    }

    public Task SpoolEmptyAsync() => WaitUntil.TrueAsync(
        "the spool to be empty", () => Folder.Files("spool", "a", "segments").Length == 0
            && Folder.Files("spool", "b", "segments").Length == 0);

    /// <summary>
    /// Backup has the same bytes as the primary store, if under longer names. The spool waits for its own batches only:
    /// those of a takeover may follow a moment later.
    /// </summary>
    public Task BackupLevelAsync() => WaitUntil.TrueAsync(
        "Backup is level", () => StoredHashes("primary").SequenceEqual(StoredHashes("backup")));

    /// <summary>Of all packs and log batches.</summary>
    private string[] StoredHashes(string store) =>
    [
        .. Folder.Files(store, "packs").Concat(Folder.Files(store, "log"))
            .Select(file => Eml.Hash(File.ReadAllBytes(file))).Order(),
    ];

    public virtual async ValueTask DisposeAsync()
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
        ["AMA:Web:SignInsPerAccountMax"] = "1000",
    };
}

/// <summary>Leases as short as they can be, so that the end of one can be waited for.</summary>
public class ShortLeaseArchive : EmbeddedArchive
{
    public const int TtlSeconds = 10;

    protected override Dictionary<string, string?> Settings => new() { ["AMA:Lease:TtlSeconds"] = $"{TtlSeconds}" };
}

/// <summary>A store's folder that is somewhere else for a while.</summary>
public sealed class StoreAway : IDisposable
{
    private readonly string _folder;

    public StoreAway(string folder)
    {
        _folder = folder;
        Directory.Move(folder, $"{folder}.away");
        File.WriteAllText(folder, "in the way");
    }

    public void Dispose()
    {
        File.Delete(_folder);
        Directory.Move($"{_folder}.away", _folder);
    }
}
