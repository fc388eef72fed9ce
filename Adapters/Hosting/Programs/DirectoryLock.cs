namespace AMA.Adapters.Hosting.Programs;

/// <summary>
/// Takes a directory for this process; the operating system gives it back when the process ends, however.
/// </summary>
public static class DirectoryLock
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Throws <see cref="IOException"/> when another process has it.</summary>
    public static FileStream Take(string directory)
    {
        Directory.CreateDirectory(directory, OwnerOnly);
        return new(Path.Combine(directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }
}
