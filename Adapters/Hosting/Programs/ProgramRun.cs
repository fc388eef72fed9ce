using System.Reflection;
using System.Security.Cryptography;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>What a program does once its settings are good.</summary>
/// <param name="output">For people: ready, stopping.</param>
/// <param name="stop">Ctrl-C or SIGTERM: stop in order.</param>
public delegate Task ProgramBody<in T>(
    T options, Action<ILoggingBuilder> logging, TextWriter output, CancellationToken stop);

/// <summary>
/// The command line that AMA's programs share. Settings from appsettings.json, the environment and the command line;
/// everything wrong with them at once. Exit codes: 0 stopped in order, 1 could not start, 2 wrong settings.
/// </summary>
/// <param name="Help">What --help prints.</param>
/// <param name="Read">Reads everything; what is wrong stands in the reader's problems.</param>
public sealed record ProgramRun<T>(string Help, Func<SettingsReader, T> Read, ProgramBody<T> Body)
{
    private const int Failed = 1;
    private const int WrongSettings = 2;

    public async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help") || args.Contains("-h")) return Print(Help);
        if (args.Contains("--version")) return Print(Version);
        if (TryConfigure(args) is not { } configuration) return WrongSettings;
        var settings = new SettingsReader(configuration);
        var warnings = ProcessHardening.Apply(settings.Flag(ProcessHardening.AllowSetting, false));
        var options = Read(settings);
        var metrics = MetricsOptions.Read(settings);
        settings.RefuseUnknownKeys();
        foreach (var stray in args.Where(argument => !argument.StartsWith("--AMA:", StringComparison.OrdinalIgnoreCase)
            && !argument.StartsWith("--Logging:", StringComparison.OrdinalIgnoreCase)))
            settings.Problem($"\"{stray}\" is not understood: settings are written --AMA:Name=value; see --help.");
        foreach (var warning in warnings) await Console.Error.WriteLineAsync($"warning: {warning}");
        foreach (var problem in settings.Problems) await Console.Error.WriteLineAsync(problem);
        return settings.Problems.Count > 0 ? WrongSettings : await RunAsync(options, metrics, configuration);
    }

    private async Task<int> RunAsync(T options, MetricsOptions metrics, IConfiguration configuration)
    {
        using var stop = new StopSignals();
        try
        {
            await using var listener = await MetricsListener.StartAsync(metrics, logging => Log(logging, configuration));
            await Body(options, logging => Log(logging, configuration), Console.Out, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Stopped while it was still starting.
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync(Explain(fault));
            return Failed;
        }
        await Console.Out.WriteLineAsync("Stopped.");
        return 0;
    }

    /// <summary>Those that an operator can do something about say so themselves.</summary>
    private static string Explain(Exception fault) =>
        fault is EnrolmentException or IOException or UnauthorizedAccessException or CryptographicException
            ? $"AMA could not start: {fault.Message}"
            : $"AMA could not start: {fault.Message}\n{fault}";

    /// <summary>Null, with the reason said, when settings can't even be read.</summary>
    private static IConfigurationRoot? TryConfigure(string[] args)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true)
                .AddEnvironmentVariables()
                .AddCommandLine(args)
                .Build();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or IOException)
        {
            Console.Error.WriteLine($"The settings can't be read: {e.Message} {e.InnerException?.Message} See --help.");
            return null;
        }
    }

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

    private static int Print(string text)
    {
        Console.Out.WriteLine(text);
        return 0;
    }

    private static string Version => typeof(StopSignals).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
