using System.Diagnostics;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Debian's gdb, which as root may look into a process that is closed to everybody else.</summary>
internal static class Debugger
{
    /// <summary>Fails with what it said when it fails.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        return output;
    }
}
