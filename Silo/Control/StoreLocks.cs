using AMA.Adapters.Hosting.Programs;
using AMA.Archive.Blobs;

namespace AMA.Silo.Control;

/// <summary>
/// Both of Control's stores belong to one process: two, even with different data directories, would each go on from the
/// keys in their own memory and write two histories. The operating system gives the locks back when the process ends.
/// </summary>
internal sealed class StoreLocks : IDisposable
{
    private readonly List<FileStream> _taken = [];

    /// <summary>Throws <see cref="IOException"/> with what to do when another process has one of them, and a
    /// transient <see cref="BlobStoreException"/> when a directory isn't there and can't be made.</summary>
    public static StoreLocks Take(params ReadOnlySpan<string> directories)
    {
        var locks = new StoreLocks();
        try
        {
            foreach (var directory in directories) locks._taken.Add(TakeOne(directory));
            return locks;
        }
        catch
        {
            locks.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var taken in _taken) taken.Dispose();
    }

    private static FileStream TakeOne(string directory)
    {
        try
        {
            return DirectoryLock.Take(directory);
        }
        catch (Exception fault) when ((fault is IOException or UnauthorizedAccessException)
            && !Directory.Exists(directory))
        {
            throw new BlobStoreException(
                $"Control's store {directory} is away: it isn't there and can't be made ({fault.Message})", transient: true, fault);
        }
        catch (IOException fault)
        {
            throw new IOException(
                $"Control's store {directory} is in use by another process, or can't be locked ({fault.Message}). A region's "
                + "Control is one process: end the other one.", fault);
        }
    }
}
