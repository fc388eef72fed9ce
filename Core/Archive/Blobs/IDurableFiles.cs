using Microsoft.Win32.SafeHandles;

namespace AMA.Archive.Blobs;

/// <summary>
/// The durable-write steps of a POSIX file system, each of which throws <see cref="IOException"/> when the kernel
/// reports a fault. .NET 10's own flush swallows fsync errors on Linux and cannot sync a directory (threats.md, §0).
/// After a failed sync the file is lost: never try the sync again, abandon the file.
/// </summary>
public interface IDurableFiles
{
    /// <summary>fsync(2) of an open file.</summary>
    void SyncFile(SafeFileHandle file);

    /// <summary>fsync(2) of a file by its path.</summary>
    void SyncFile(string path);

    /// <summary>fsync(2) of a directory: makes names created, replaced or removed in it durable.</summary>
    void SyncDirectory(string path);

    /// <summary>rename(2) within one file system, replacing; the caller syncs the directory.</summary>
    void Replace(string source, string target);

    /// <summary>
    /// Gives the file another name, if nobody has that; false when <paramref name="target"/> is taken. The caller syncs
    /// the directory.
    /// </summary>
    bool TryRename(string source, string target);
}
