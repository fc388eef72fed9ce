using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AMA.Tests.Bench.Embedded;

/// <summary>The embedded host as a child process on free ports, with a data directory that goes with it.</summary>
public sealed partial class ArchiveProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromMinutes(1);
    private const string LastLineOfStart = "Ctrl-C";

    private readonly Process _process;
    private Task _draining = Task.CompletedTask;

    private ArchiveProcess(Process process, string data) => (_process, Data) = (process, data);

    public string Data { get; }
    public int SmtpPort { get; private set; }
    public Uri Web { get; private set; } = null!;
    public string OperatorTokenFile { get; private set; } = "";
    public string Fingerprint { get; private set; } = "";
    public ProcessCost Cost => new(_process.Id);

    /// <summary>
    /// Returns when it takes mail. Throws <see cref="InvalidOperationException"/> with what it printed.
    /// </summary>
    public static async Task<ArchiveProcess> StartAsync(string parent)
    {
        var data = Directory.CreateTempSubdirectory("ama-bench-").FullName;
        if (parent != Path.GetTempPath())
        {
            Directory.Delete(data);
            data = Directory.CreateDirectory(Path.Combine(parent, Path.GetFileName(data))).FullName;
        }
        var archive = new ArchiveProcess(Start(data), data);
        try
        {
            await archive.ReadStartScreenAsync();
            return archive;
        }
        catch
        {
            await archive.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var stop = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            using var limit = new CancellationTokenSource(StopTimeMax);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        await _draining;
        _process.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private static Process Start(string data) => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList =
        {
            Path.Combine(AppContext.BaseDirectory, "AMA.Silo.Embedded.dll"),
            $"--AMA:DataDirectory={data}",
            "--AMA:Smtp:Endpoint=127.0.0.1:0",
            "--AMA:Smtp:ImplicitTlsEndpoint=127.0.0.1:0",
            "--AMA:Web:Endpoint=http://127.0.0.1:0",
        },
        WorkingDirectory = data,
        RedirectStandardOutput = true,
    })!;

    private async Task ReadStartScreenAsync()
    {
        using var limit = new CancellationTokenSource(StartTimeMax);
        var screen = "";
        while (!screen.Contains(LastLineOfStart))
        {
            screen += await _process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException($"the archive did not start:\n{screen}");
            screen += "\n";
        }
        SmtpPort = int.Parse(StartTls().Match(screen).Groups[1].Value);
        Web = new(Rest().Match(screen).Groups[1].Value);
        OperatorTokenFile = Token().Match(screen).Groups[1].Value;
        Fingerprint = Certificate().Match(screen).Groups[1].Value;
        // What it prints later is of no interest, but a full pipe would hold it up.
        _draining = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    [GeneratedRegex(@"SMTP \(STARTTLS\) +\S+:(\d+)")]
    private static partial Regex StartTls();

    [GeneratedRegex(@"REST API +(http://[^/]+/)")]
    private static partial Regex Rest();

    [GeneratedRegex(@"operator token +(.+)")]
    private static partial Regex Token();

    [GeneratedRegex(@"SHA-256 ([0-9A-Fa-f:]+)")]
    private static partial Regex Certificate();
}
