using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Adapters.Local;
using AMA.Silo.Control;
using Microsoft.Extensions.Hosting;

return await new ProgramRun<(ControlSiloOptions Options, ClusterPorts Ports, string Name)>(Help.Text, Read, BodyAsync)
    .RunAsync(args);

static (ControlSiloOptions, ClusterPorts, string) Read(SettingsReader settings) => (
    ControlSiloOptions.Read(settings), ClusterSettings.Control(settings),
    settings.Text("AMA:Identity:Name", "control-1"));

static async Task BodyAsync(
    (ControlSiloOptions Options, ClusterPorts Ports, string Name) settings,
    Action<Microsoft.Extensions.Logging.ILoggingBuilder> logging, TextWriter output, CancellationToken stop)
{
    new DurableFiles().SelfTest();
    using var taken = DirectoryLock.Take(Path.GetDirectoryName(Path.GetFullPath(settings.Options.AdminSocket))!);
    var parts = ControlSiloParts.Local(settings.Ports) with { Name = settings.Name, Logging = logging };
    using var silo = ControlSilo.Build(settings.Options, parts);
    await silo.StartAsync(stop);
    await output.WriteLineAsync($"Control is ready: clients {settings.Ports.Gateway}, "
        + $"enrolment {settings.Options.EnrolmentEndpoint}, operators {settings.Options.AdminSocket}");
    await silo.RunUntilAsync(stop);
}

/// <summary>What --help prints.</summary>
internal static class Help
{
    public const string Text = """
        AMA's Control: keys, certificates, leases, directory. One process of a region in several.

        Settings (--AMA:Name=value, appsettings.json, or the environment as AMA__Region):
          AMA:DataDirectory               ./ama-data          control/ below it is Control's
          AMA:Region                      eu                  eu or us
          AMA:Cluster:Control:Silo        127.0.0.1:7501      other silos of Control
          AMA:Cluster:Control:Gateway     127.0.0.1:7502      archive silos and web gateways
          AMA:Cluster:Control:Primary     (this one)          the cluster's first silo
          AMA:Control:EnrolmentEndpoint   127.0.0.1:7443      where processes get their certificates
          AMA:Control:CertificateHours    72                  24 to 72
          AMA:Lease:TtlSeconds            3600
          AMA:Identity:Name               control-1           in its certificate
          More: docs/control.md

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;
}
