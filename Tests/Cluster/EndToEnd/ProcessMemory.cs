using System.Globalization;

namespace AMA.Tests.Cluster.EndToEnd;

/// <summary>What lies in another process's memory, as root sees it, or a core dump would.</summary>
internal static class ProcessMemory
{
    private const int PieceBytes = 1 << 20;

    /// <summary>How many of the patterns are found at least once. Every window of their first bytes is looked for.</summary>
    public static int CountFound(int process, IReadOnlyList<byte[]> patterns)
    {
        var found = new HashSet<int>();
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        foreach (var (begin, end) in Regions(process))
            Search(memory, begin, end, patterns, found);
        return found.Count;
    }

    private static void Search(
        FileStream memory, long begin, long end, IReadOnlyList<byte[]> patterns, HashSet<int> found)
    {
        var overlap = patterns.Max(pattern => pattern.Length);
        var buffer = new byte[PieceBytes + overlap];
        for (var at = begin; at < end; at += PieceBytes)
        {
            var count = TryRead(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
            for (var i = 0; i < patterns.Count; i++)
                if (!found.Contains(i) && buffer.AsSpan(0, count).IndexOf(patterns[i]) >= 0) found.Add(i);
        }
    }

    private static int TryRead(FileStream memory, long at, Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, buffer, at);
        }
        catch (IOException)
        {
            return 0; // a page that nobody can read, or that has just gone
        }
    }

    private static IEnumerable<(long Begin, long End)> Regions(int process)
    {
        foreach (var line in File.ReadLines($"/proc/{process}/maps"))
        {
            var fields = line.Split(' ', 3);
            if (fields[1][0] != 'r' || line.EndsWith("[vvar]", StringComparison.Ordinal)
                || line.EndsWith("[vsyscall]", StringComparison.Ordinal)) continue;
            var range = fields[0].Split('-');
            yield return (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }
}
