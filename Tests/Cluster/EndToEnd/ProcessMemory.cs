using System.Globalization;
using AMA.Tests.Cluster.EndToEnd.World;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// What lies in another process's memory, as root reads it: everything that a core dump could hold, and the pages that
/// are left out of one.
/// </summary>
internal static class ProcessMemory
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Which of the patterns are there at least once.</summary>
    public static IReadOnlyList<byte[]> FoundIn(int process, IReadOnlyList<byte[]> patterns) =>
        FoundIn($"/proc/{process}/mem", Regions(process), patterns);

    /// <summary>Which of the patterns a core of the process holds, as a debugger writes it.</summary>
    public static async Task<IReadOnlyList<byte[]>> FoundInCoreAsync(
        int process, TempFolder folder, IReadOnlyList<byte[]> patterns)
    {
        await Debugger.RunAsync("gcore", "-o", folder.At("core"), $"{process}");
        var core = folder.At($"core.{process}");
        var found = FoundIn(core, [(0, new FileInfo(core).Length)], patterns);
        File.Delete(core);
        return found;
    }

    private static IReadOnlyList<byte[]> FoundIn(
        string path, IEnumerable<(long Begin, long End)> regions, IReadOnlyList<byte[]> patterns)
    {
        var found = new HashSet<byte[]>();
        if (patterns.Count == 0) return [];
        using var memory = File.OpenHandle(path);
        var buffer = new byte[PieceBytes + patterns.Max(pattern => pattern.Length)];
        foreach (var (begin, end) in regions)
        {
            for (var at = begin; at < end; at += PieceBytes)
            {
                var count = TryRead(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
                if (count == 0) continue;
                foreach (var pattern in patterns)
                    if (!found.Contains(pattern) && buffer.AsSpan(0, count).IndexOf(pattern) >= 0) found.Add(pattern);
            }
        }
        return [.. found];
    }

    private static int TryRead(Microsoft.Win32.SafeHandles.SafeFileHandle memory, long at, Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(memory, buffer, at);
        }
        catch (IOException)
        {
            return 0; // reserved, not used yet, or just gone
        }
    }

    /// <summary>What the process can write: keys are in no program's file.</summary>
    private static IEnumerable<(long Begin, long End)> Regions(int process)
    {
        foreach (var line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            var fields = line.Split(' ', 3);
            if (!fields[1].StartsWith("rw", StringComparison.Ordinal)) continue;
            var range = fields[0].Split('-');
            yield return (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }
}
