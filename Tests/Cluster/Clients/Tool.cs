using System.Diagnostics;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.Clients;

/// <summary>A program of somebody else's, run to its end: never longer than any wait of these tests.</summary>
internal sealed record Tool(int ExitCode, string Output)
{
    /// <summary>Both outputs together. Throws when the program can't be started or doesn't end.</summary>
    public static Task<Tool> RunAsync(string program, string input, params string[] arguments) =>
        RunAsync(WaitUntil.DeadlineDefault, program, input, arguments);

    /// <param name="within">For a program that takes its time.</param>
    public static async Task<Tool> RunAsync(
        TimeSpan within, string program, string input, params string[] arguments)
    {
        using var process = Start(program, arguments);
        using var limit = new CancellationTokenSource(within);
        try
        {
            var texts = new[] { process.StandardOutput, process.StandardError }
                .Select(reader => reader.ReadToEndAsync(limit.Token)).ToList();
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new Tool(process.ExitCode, string.Concat(await Task.WhenAll(texts)));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end");
        }
    }

    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    /// <summary>Its output; fails with it when the program failed.</summary>
    public string Good()
    {
        Assert.True(ExitCode == 0, $"it ended with {ExitCode}:\n{Output}");
        return Output;
    }
}
