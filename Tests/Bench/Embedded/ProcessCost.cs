namespace AMA.Tests.Bench.Embedded;

/// <summary>What a Linux process has used so far: /proc/PID/stat and /proc/PID/status.</summary>
public sealed class ProcessCost(int processId)
{
    private const int ClockTicksPerSecond = 100;

    /// <summary>
    /// Fields of stat after the command, which may contain anything but a closing bracket at its end.
    /// </summary>
    private const int UserTicksField = 11;
    private const int SystemTicksField = 12;

    public TimeSpan Cpu()
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[UserTicksField]) + long.Parse(fields[SystemTicksField]);
        return TimeSpan.FromSeconds(ticks / (double)ClockTicksPerSecond);
    }

    /// <summary>Most memory that was resident at once, in bytes.</summary>
    public long PeakMemory()
    {
        var line = File.ReadLines($"/proc/{processId}/status")
            .First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }
}
