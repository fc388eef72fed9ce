using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Gateway.Smtp;
using Microsoft.Extensions.Logging;

return await new ProgramRun<SmtpProgramOptions>(SmtpProgramOptions.Help, SmtpProgramOptions.Read, BodyAsync)
    .RunAsync(args);

static async Task BodyAsync(
    SmtpProgramOptions options, Action<ILoggingBuilder> logging, TextWriter output, CancellationToken stop)
{
    var files = new DurableFiles();
    files.SelfTest();
    using var logs = LoggerFactory.Create(logging);
    var keeper = options.Identity.NewKeeper(files, TimeProvider.System);
    await keeper.StartAsync(logs.CreateLogger("AMA.Identity"), stop);
    var spool = options.Spool.Select(path => new FileBlobStore(path, files)).ToArray();
    var certificate = SmtpCertificate.LoadOrCreate(
        options.Smtp.CertificatePath, options.DataDirectory, options.Smtp.HostName, files, TimeProvider.System);
    await using var gateway = SmtpGatewayHost.Build(options.Smtp, new()
    {
        Spool = spool,
        Identity = keeper,
        PapersDirectory = options.Identity.Directory,
        Files = files,
        ConfigureCluster = client => client.UseLocalClient(
            options.Production, new ClusterTls(keeper.Credentials, PeerRoles.Production)),
        Region = options.Identity.Region,
        Time = TimeProvider.System,
        Random = SystemRandom.Instance,
        Certificate = certificate.Certificate,
        Chain = certificate.Chain,
        Logging = logging,
    });
    await gateway.StartAsync(stop);
    var ports = SmtpGatewayHost.BoundPorts(gateway);
    await output.WriteLineAsync($"SMTP gateway listens: {options.Smtp.Endpoint.Address}, STARTTLS {ports.StartTls}, "
        + $"TLS {ports.ImplicitTls}, certificate SHA-256 {certificate.Fingerprint}");
    await SmtpGatewayHost.ReadyAsync(gateway, stop);
    await output.WriteLineAsync("SMTP gateway is ready");
    await gateway.RunUntilAsync(stop, options.Smtp.StopTimeMax);
    foreach (var store in spool) store.Dispose();
}
