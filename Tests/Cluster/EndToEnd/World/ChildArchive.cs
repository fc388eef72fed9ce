using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>The embedded host as a process of its own, which may be killed at any moment.</summary>
public sealed partial class ChildArchive : RunningArchive, IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private ChildArchive(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Started, but perhaps not up.</summary>
    public static ChildArchive Launch(string workingDirectory, params string[] arguments)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "AMA.Silo.Embedded.dll");
        var start = new ProcessStartInfo(DotnetPath, [host, .. arguments])
        {
            WorkingDirectory = workingDirectory, // no settings file of anybody's lies there
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("AMA_")).ToArray())
            start.Environment.Remove(name);
        return new ChildArchive(new Process { StartInfo = start });
    }

    /// <summary>On a data directory and free ports; not waited for.</summary>
    public static ChildArchive LaunchOn(TempFolder folder, params string[] more) => Launch(
        folder.Path, [$"--AMA:DataDirectory={folder.At("data")}", "--AMA:Smtp:Endpoint=127.0.0.1:0",
        "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0", "--AMA:Web:Endpoint=http://127.0.0.1:0", .. more]);

    public static async Task<ChildArchive> StartAsync(TempFolder folder)
    {
        var child = LaunchOn(folder);
        await child.ReadyAsync();
        return child;
    }

    /// <summary>Returns when the start screen is complete.</summary>
    public async Task ReadyAsync()
    {
        await WaitUntil.TrueAsync("the start screen", () => HasExited || _output.Contains("Ctrl-C stops in order."));
        Assert.False(HasExited, $"the archive ended at its start:\n{Output}\n{Errors}");
        var screen = Output;
        Doors = new Doors(
            new Uri(Shown(WebLine(), screen)), int.Parse(Shown(StartTlsLine(), screen)),
            int.Parse(Shown(ImplicitTlsLine(), screen)), Shown(FingerprintLine(), screen),
            (await File.ReadAllTextAsync(Shown(TokenLine(), screen))).Trim());
    }

    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM: stop in order.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>SIGKILL: nothing in it gets a chance to do anything more.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await ExitCodeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static string DotnetPath => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null) lines.Enqueue(line);
    }

    private static string Shown(Regex line, string screen)
    {
        var match = line.Match(screen);
        Assert.True(match.Success, $"the start screen doesn't show {line}:\n{screen}");
        return match.Groups[1].Value;
    }

    [GeneratedRegex(@"SMTP \(STARTTLS\)\s+127\.0\.0\.1:(\d+)")] private static partial Regex StartTlsLine();

    [GeneratedRegex(@"SMTP \(TLS\)\s+127\.0\.0\.1:(\d+)")] private static partial Regex ImplicitTlsLine();

    [GeneratedRegex(@"REST API\s+(http://127\.0\.0\.1:\d+/)v1")] private static partial Regex WebLine();

    [GeneratedRegex(@"operator token\s+(\S+)")] private static partial Regex TokenLine();

    [GeneratedRegex(@"SHA-256 ([0-9a-f]{64})")] private static partial Regex FingerprintLine();
}
