using AMA.Archive.Blobs;

namespace AMA.Adapters.Local;

/// <summary>Says of a file system's fault whether a later try may succeed.</summary>
internal static class FileFaults
{
    public static BlobStoreException Map(Exception fault, string what) => IsFull(fault)
        ? new StoreFullException($"{what}: {fault.Message}", fault)
        : new BlobStoreException($"{what}: {fault.Message}", IsTransient(fault), fault);

    public static bool IsFault(Exception fault) =>
        fault is IOException and not BlobStoreException or UnauthorizedAccessException;

    private static bool IsFull(Exception fault) =>
        fault is IOException && fault.HResult is Errno.NoSpace or Errno.QuotaExceeded;

    /// <summary>
    /// Full, over quota, broken cable, too many open files: somebody can mend that without changing what we ask for.
    /// A name or a length that this file system never takes, a file where a directory is due, or a right we don't have,
    /// stays refused.
    /// </summary>
    private static bool IsTransient(Exception fault) => fault switch
    {
        UnauthorizedAccessException or PathTooLongException => false,
        IOException => fault.HResult is not (Errno.AccessDenied or Errno.NameTooLong or Errno.FileTooBig
            or Errno.IsDirectory or Errno.NotDirectory or Errno.Exists),
        _ => false,
    };
}
