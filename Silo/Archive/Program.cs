using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Silo.Archive;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

return await new ProgramRun<ArchiveProgramOptions>(Help.Text, ArchiveProgramOptions.Read, BodyAsync).RunAsync(args);

static async Task BodyAsync(
    ArchiveProgramOptions options, Action<ILoggingBuilder> logging, TextWriter output, CancellationToken stop)
{
    var files = new DurableFiles();
    files.SelfTest();
    using var taken = DirectoryLock.Take(options.Local);
    using var logs = LoggerFactory.Create(logging);
    var keeper = options.Identity.NewKeeper(files, TimeProvider.System);
    await keeper.StartAsync(logs.CreateLogger("AMA.Identity"), stop);
    using var primary = new FileBlobStore(options.Primary, files);
    using var backup = new FileBlobStore(options.Backup, files);
    var spool = options.Spool.Select(path => new FileBlobStore(path, files)).ToArray();
    using var silo = ArchiveSilo.Build(new()
    {
        Region = options.Region,
        Identity = keeper,
        Primary = primary,
        Backup = backup,
        Spool = spool,
        IndexDirectory = Path.Combine(options.Local, "index"),
        Files = files,
        Random = SystemRandom.Instance,
        Time = TimeProvider.System,
        Ports = options.Production,
        Pass = new(SystemRandom.Instance.NextBytes(32)),
        ConfigureControl = client => client.UseLocalClient(
            options.Control, new ClusterTls(keeper.Credentials, PeerRoles.Control)),
        Logging = logging,
    });
    await silo.StartAsync(stop);
    await output.WriteLineAsync($"Archive silo is ready: clients {options.Production.Gateway}");
    await silo.RunUntilAsync(stop);
    foreach (var store in spool) store.Dispose();
}

/// <summary>What --help prints.</summary>
internal static class Help
{
    public const string Text = """
        AMA's archive silo: reads the queue, seals, stores, indexes and searches, with keys that Control leases to it.

        Settings (--AMA:Name=value, appsettings.json, or the environment as AMA__Region):
          AMA:DataDirectory                ./ama-data
          AMA:Region                       eu                 eu or us
          AMA:Archive:PrimaryDirectory     primary            the store that decides
          AMA:Archive:BackupDirectory      backup             ciphertext, another place
          AMA:Archive:LocalDirectory       local              this machine's own, sealed
          AMA:Spool:Directories            spool/a, spool/b   at least two, the SMTP gateways' own
          AMA:Cluster:Production:Silo      127.0.0.1:7511     listens: itself, one a region
          AMA:Cluster:Production:Gateway   127.0.0.1:7512     listens: SMTP and web gateways
          AMA:Cluster:Control:Silo         127.0.0.1:7501     where Control is
          AMA:Cluster:Control:Gateway      127.0.0.1:7502
          AMA:Metrics:Endpoint             (none)             http://127.0.0.1:9464: Prometheus metrics
          AMA:Identity:Name                backend-1          in its certificate
          AMA:Identity:Directory           identity/backend   the certificate and its key
          AMA:Identity:EnrolmentEndpoint   127.0.0.1:7443     Control's
          AMA:Identity:EnrolmentToken      (none)             once: ama control enroll --role backend --name NAME

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;
}
