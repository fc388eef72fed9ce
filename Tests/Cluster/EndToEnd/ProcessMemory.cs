using System.Globalization;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>
/// What lies in another process's memory, as root reads it: everything that a core dump could hold, and the pages that
/// are left out of one.
/// </summary>
internal static class ProcessMemory
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Which of the patterns are there at least once.</summary>
    public static IReadOnlyList<byte[]> FoundIn(int process, IReadOnlyList<byte[]> patterns)
    {
        var found = new HashSet<byte[]>();
        if (patterns.Count == 0) return [];
        using var memory = File.OpenHandle($"/proc/{process}/mem");
        var buffer = new byte[PieceBytes + patterns.Max(pattern => pattern.Length)];
        foreach (var (begin, end) in Regions(process))
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
