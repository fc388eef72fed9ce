using AMA.Adapters.Hosting.Programs;
using AMA.Adapters.Local;
using AMA.Silo.Control;
using AMA.Silo.Control.Recovery;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

return await new ProgramRun<ControlProgramOptions>(Help.Text, ControlProgramOptions.Read, BodyAsync).RunAsync(args);

static async Task BodyAsync(
    ControlProgramOptions settings, Action<ILoggingBuilder> logging, TextWriter output, CancellationToken stop)
{
    new DurableFiles().SelfTest();
    using var taken = DirectoryLock.Take(Path.GetDirectoryName(Path.GetFullPath(settings.Silo.AdminSocket))!);
    var parts = ControlSiloParts.Local(settings.Ports) with { Name = settings.Name, Logging = logging };
    using var silo = await RecoveryMode.StartSiloAsync(settings.Silo, parts, stop);
    await output.WriteLineAsync($"Control is ready: clients {settings.Ports.Gateway}, "
        + $"enrolment {settings.Silo.EnrolmentEndpoint}, operators {settings.Silo.AdminSocket}");
    await silo.RunUntilAsync(stop);
}

/// <summary>What --help prints.</summary>
internal static class Help
{
    public const string Text = $$"""
        AMA's Control: keys, certificates, leases, directory. One process of a region in several.

        Settings (--AMA:Name=value, appsettings.json, or the environment as AMA__Region):
          AMA:DataDirectory                 ./ama-data              control/ below it is Control's
          AMA:Region                        eu                      eu or us; can't be changed later
          AMA:Cluster:Control:Silo          127.0.0.1:7501          its own
          AMA:Cluster:Control:Gateway       127.0.0.1:7502          archive silos and web gateways
          AMA:Metrics:Endpoint              (none)                  http://127.0.0.1:9464: Prometheus metrics
          AMA:Identity:Name                 control-1               in its certificate
        {{ControlHelp.Settings}}
          AMA:Control:SecondFactorMayBeOff  false                   true only for trials on one machine
          AMA:Diagnostics:Allow             false                   true lets debuggers and dumps in
          More: docs/control.md

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;
}
