using System.Runtime.InteropServices;
using AMA.Archive.Blobs;

namespace AMA.Adapters.Local;

/// <summary>statvfs(3): how full a file system is.</summary>
internal static class FileSpace
{
    private const double All = 100;

    /// <summary>Throws <see cref="IOException"/> with errno as its HResult.</summary>
    public static StoreSpace Of(string path)
    {
        if (Posix.FileSystem(path, out var system) != 0)
            throw Errno.Failure("statvfs", path, Marshal.GetLastPInvokeError());
        return new(
            Percent(system.Blocks, system.FreeBlocks, system.AvailableBlocks),
            Percent(system.Files, system.FreeFiles, system.AvailableFiles));
    }

    /// <summary>As df reckons: what is kept back for root counts neither as free nor as there.</summary>
    private static double Percent(ulong all, ulong free, ulong available) =>
        all == 0 ? All : All * available / Math.Max(1, all - free + available);
}
