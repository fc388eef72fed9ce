using System.Diagnostics;
using AMA.Tests.Cluster.Clients;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Faults;

/// <summary>Debian's strace on a running process: records its calls, and fails some of them.</summary>
internal sealed class Strace : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _file;

    private Strace(Process process, string file) => (_process, _file) = (process, file);

    /// <summary>Returns when every thread of the process is watched.</summary>
    public static async Task<Strace> AttachAsync(int process, string file, params string[] arguments)
    {
        File.Delete(file);
        var strace = Tool.Start("strace", ["-f", "-y", "-p", $"{process}", "-o", file, .. arguments]);
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        string? line;
        do line = await strace.StandardError.ReadLineAsync(limit.Token);
        while (line is not null && !line.Contains(" attached", StringComparison.Ordinal));
        Assert.True(line is not null, "strace could not attach");
        _ = strace.StandardError.ReadToEndAsync(CancellationToken.None); // it tells of every new thread
        return new Strace(strace, file);
    }

    /// <summary>What it saw. The process goes on alone.</summary>
    public async Task<string[]> DetachAsync()
    {
        (await Tool.RunAsync("kill", "", "-INT", $"{_process.Id}")).Good();
        return await EndedAsync();
    }

    /// <summary>
    /// What it saw until the process was killed. It ends by itself then, and must be left alone until it has: told to let
    /// go of a process that dies it waits for ever.
    /// </summary>
    public async Task<string[]> EndedAsync()
    {
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        await _process.WaitForExitAsync(limit.Token);
        return await File.ReadAllLinesAsync(_file);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
