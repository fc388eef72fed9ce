using System.Diagnostics;
using AMA.Tests.Cluster.EndToEnd.World;
using Xunit;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>A process that holds keys is closed to debuggers, diagnostics tools and core dumps.</summary>
public class ProcessHardeningTests
{
    private const int AbortsMax = 1_000;

    [Fact]
    public async Task Threat_38_Host_HasNoDiagnosticsPort_LeavesNoCore_AndIsNotDumpable()
    {
        using var folder = new TempFolder("hardening");
        await using var child = await ChildArchive.StartAsync(folder);

        await ClosedProcess.AssertAsync(child.Id);

        // The runtime takes the first for itself, to write its dump; from then on the kernel would write a core.
        for (var abort = 0; abort < AbortsMax && !child.HasExited; abort++)
        {
            using var kill = Process.Start("kill", ["-ABRT", $"{child.Id}"]);
            await kill.WaitForExitAsync();
        }
        await child.ExitCodeAsync();
        Assert.Empty(Directory.GetFiles(folder.Path, "core*"));
    }

    [Fact]
    public async Task Developer_MayOpenIt_AndIsWarned()
    {
        using var folder = new TempFolder("hardening");
        await using var child = ChildArchive.LaunchOn(folder, "--AMA:Diagnostics:Allow=true");
        await child.ReadyAsync();
        Assert.NotEmpty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{child.Id}-*"));
        Assert.Contains("AMA:Diagnostics:Allow", child.Errors);
    }
}
