using System.Text;
using AMA.Archive.Keys;

namespace AMA.Adapters.Hosting.Programs;

/// <summary>
/// Closes a process that holds keys: no core dump, no debugger, no diagnostics socket. The first thing a program does.
/// </summary>
public static class ProcessHardening
{
    public const string AllowSetting = "AMA:Diagnostics:Allow";

    /// <summary>Every socket, debugger and profiler of the runtime. It is read before any code of ours runs.</summary>
    private const string DiagnosticsVariable = "DOTNET_EnableDiagnostics";

    private const string DumpVariable = "DOTNET_DbgEnableMiniDump";
    private const string Off = "0";

    /// <summary>
    /// Returns hardened. Unless the environment switches the runtime's diagnostics off already, the process first
    /// begins anew, under the same id and with the same arguments, with an environment that does.
    /// </summary>
    /// <param name="allowDiagnostics">For developers: nothing is closed, and a warning says so.</param>
    /// <returns>What the operator should be told.</returns>
    public static IReadOnlyList<string> Apply(bool allowDiagnostics)
    {
        if (allowDiagnostics)
            return [$"{AllowSetting} is on: who may debug this process can read keys and mail in its memory."];
        if (!OperatingSystem.IsLinux()) return ["Not Linux: dumps and diagnostics ports of this process stay open."];
        var warnings = new List<string>();
        if (!DiagnosticsAreOff) BeginAnew(warnings);
        if (ProcessCalls.Control(ProcessCalls.SetDumpable, 0, 0, 0, 0) != 0) warnings.Add("This process stays open to debuggers.");
        if (ProcessCalls.SetLimit(ProcessCalls.LimitCore, default) != 0) warnings.Add("This process may leave core dumps.");
        if (!Secret.AreLocked)
            warnings.Add("Keys can't be locked in memory and may reach swap: raise RLIMIT_MEMLOCK (LimitMEMLOCK).");
        return warnings;
    }

    private static bool DiagnosticsAreOff =>
        Environment.GetEnvironmentVariable(DiagnosticsVariable) == Off
        && Environment.GetEnvironmentVariable(DumpVariable) is null or Off;

    /// <summary>What the runtime made before it could be told: nobody would clear it away any more.</summary>
    private static void DropDiagnosticsFiles()
    {
        var id = Environment.ProcessId;
        foreach (var pattern in new[] { $"dotnet-diagnostic-{id}-*-socket", $"clr-debug-pipe-{id}-*" })
            foreach (var file in Directory.GetFiles(Path.GetTempPath(), pattern)) File.Delete(file);
    }

    /// <summary>Comes back only when it failed.</summary>
    private static void BeginAnew(List<string> warnings)
    {
        _ = ProcessCalls.SetEnvironment(DiagnosticsVariable, Off, overwrite: 1);
        _ = ProcessCalls.SetEnvironment(DumpVariable, Off, overwrite: 1);
        var arguments = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        DropDiagnosticsFiles();
        var program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)!.FullName;
        _ = ProcessCalls.Execute(program, [.. arguments, null]);
        warnings.Add($"The runtime's diagnostics port stays open: start with {DiagnosticsVariable}=0.");
    }
}
