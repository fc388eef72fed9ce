using System.Reflection;
using System.Runtime.InteropServices;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Programs;
using AMA.Silo.Control;
using AMA.Silo.Embedded.Demo;

namespace AMA.Silo.Embedded;

/// <summary>The command line of the embedded host. Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.</summary>
public static class EmbeddedProgram
{
    private const int Failed = 1;
    private const int WrongSettings = 2;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        if (args.Contains("--help") || args.Contains("-h")) return Print(output, Help);
        if (args.Contains("--version")) return Print(output, Version);
        var demo = args.Contains("--demo");
        if (TryConfigure([.. args.Where(a => a != "--demo")], error) is not { } configuration) return WrongSettings;
        var settings = new SettingsReader(configuration);
        foreach (var warning in ProcessHardening.Apply(settings.Flag(ProcessHardening.AllowSetting, false)))
            await error.WriteLineAsync($"warning: {warning}");
        var options = EmbeddedOptions.Read(settings);
        foreach (var stray in args.Where(a => !a.StartsWith("--", StringComparison.Ordinal) && !IsValue(args, a)))
            settings.Problem($"\"{stray}\" is not understood: settings are written --AMA:Name=value; see --help.");
        if (settings.Problems.Count > 0)
        {
            foreach (var problem in settings.Problems)
                await error.WriteLineAsync(problem);
            return WrongSettings;
        }
        return await RunAsync(options, configuration, demo, output, error);
    }

    private static async Task<int> RunAsync(
        EmbeddedOptions options, IConfiguration configuration, bool demo, TextWriter output, TextWriter error)
    {
        using var stop = new StopSignals();
        try
        {
            await using var host = await EmbeddedHost.StartAsync(
                options, logging => Log(logging, configuration), TimeProvider.System, stop.Token);
            await StartScreen.PrintAsync(host, output);
            if (demo) await DemoArchive.RunAsync(host, output, stop.Token);
            await stop.WaitAsync();
            await output.WriteLineAsync("Stopping: finishing what runs, taking no more …");
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Ctrl-C during the demo: the host has been stopped in order.
        }
        catch (Exception e)
        {
            await error.WriteLineAsync(StartFaults.Explain(e, options));
            return Failed;
        }
        await output.WriteLineAsync("Stopped.");
        return 0;
    }

    /// <summary>Null, with the reason said, when settings can't even be read.</summary>
    private static IConfigurationRoot? TryConfigure(string[] args, TextWriter error)
    {
        try
        {
            return Configure(args);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or IOException)
        {
            error.WriteLine($"The settings can't be read: {e.Message} {e.InnerException?.Message} See --help.");
            return null;
        }
    }

    private static IConfigurationRoot Configure(string[] args) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine(args)
        .Build();

    private static void Log(ILoggingBuilder logging, IConfiguration configuration) => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddConfiguration(configuration.GetSection("Logging"))
        // Orleans warns of every late timer and call; those that matter come back as errors of ours.
        .AddFilter("Orleans", LogLevel.Error)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });

    /// <summary>"--AMA:Region eu" is two arguments for one setting.</summary>
    private static bool IsValue(string[] args, string argument)
    {
        var at = Array.IndexOf(args, argument);
        return at > 0 && args[at - 1].StartsWith("--", StringComparison.Ordinal) && !args[at - 1].Contains('=')
            && args[at - 1] != "--demo";
    }

    private static int Print(TextWriter output, string text)
    {
        output.WriteLine(text);
        return 0;
    }

    private static string Version =>
        typeof(EmbeddedProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private const string Help = $$"""
        AMA, an e-mail archive, all in one process.

        Usage: dotnet run -c Release --project Silo/Embedded -- [--demo] [--AMA:Name=value …]

          --demo      with an empty data directory: makes a tenant, an auditor and sample mail
          --help      this text
          --version   the version

        Settings (also in appsettings.json, or in the environment as AMA__Smtp__Endpoint):
          AMA:DataDirectory             ./ama-data             where everything lies
          AMA:Region                    eu                     eu or us; can't be changed later
          AMA:Smtp:Endpoint             127.0.0.1:2525         SMTP with STARTTLS
          AMA:Smtp:ImplicitTlsEndpoint  127.0.0.1:2465         SMTP inside TLS from the first byte
          AMA:Smtp:Certificate          (a self-signed one)    PEM file: certificate, chain and key
          AMA:Metrics:Endpoint          (none)                 http://127.0.0.1:9464: Prometheus metrics
          AMA:Web:Endpoint              http://127.0.0.1:8080  REST API; http only on loopback
          AMA:Web:Certificate           (none)                 PEM file, for an https endpoint
          AMA:Spool:Directories         spool/a, spool/b       at least two; better on two disks
          AMA:Diagnostics:Allow         false                  true lets debuggers and dumps in
          Logging:LogLevel:Default      Warning                Information tells more

        Keys and Control (docs/control.md; the paths are below the data directory, the endpoint takes a free port):
        {{ControlHelp.Settings}}

        Limits and time-outs of SMTP stand in docs/smtp.md, of REST in docs/api.md.

        Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
        """;
}
