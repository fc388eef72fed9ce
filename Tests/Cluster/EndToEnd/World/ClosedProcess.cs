using Xunit;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>A process that holds keys or mail and is closed to debuggers, diagnostics tools and core dumps.</summary>
internal static class ClosedProcess
{
    /// <summary>prctl(PR_GET_DUMPABLE): nobody can ask for another process, so the debugger lets it ask itself.</summary>
    private const string AskDumpable = "print ((int (*)(int, long, long, long, long)) prctl)(3, 0, 0, 0, 0)";

    public static async Task AssertAsync(int id)
    {
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{id}-*"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{id}-*"));
        Assert.Matches(@"^Max core file size\s+0\s+0\s", LineOf(id, "limits", "Max core file size"));
        Assert.Matches(@"^VmLck:\s+[1-9]\d* kB$", LineOf(id, "status", "VmLck:"));
        var said = await Debugger.RunAsync("gdb", "-nx", "-batch", "-p", $"{id}", "-ex", AskDumpable);
        Assert.Contains("$1 = 0", said.Split('\n'));
    }

    private static string LineOf(int id, string file, string name) =>
        File.ReadLines($"/proc/{id}/{file}").Single(line => line.StartsWith(name, StringComparison.Ordinal));
}
