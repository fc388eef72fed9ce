using System.Collections.Concurrent;
using System.Diagnostics;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>One of AMA's programs as a process of its own, which may be killed at any moment.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _output);

    /// <param name="token">Of the enrolment; in the environment, where other users don't see it.</param>
    public static ChildProgram Launch(
        string assembly, string workingDirectory, IEnumerable<string> settings, string? token = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [program, .. settings])
        {
            WorkingDirectory = workingDirectory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("AMA_")).ToArray())
            start.Environment.Remove(name);
        if (token is not null) start.Environment["AMA__Identity__EnrolmentToken"] = token;
        return new ChildProgram(new Process { StartInfo = start });
    }

    /// <summary>Returns when a line of the output holds <paramref name="text"/>.</summary>
    public async Task SaidAsync(string text)
    {
        await WaitUntil.TrueAsync(text, () => _process.HasExited || Output.Contains(text, StringComparison.Ordinal));
        Assert.True(Output.Contains(text, StringComparison.Ordinal), $"it ended before \"{text}\":\n{Output}");
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

    private void Keep(string? line)
    {
        if (line is not null) _output.Enqueue(line);
    }
}
