using System.Runtime.InteropServices;
using AMA.Archive.Ids;
using Microsoft.Win32.SafeHandles;

namespace AMA.Adapters.Local;

/// <summary>
/// Files under way, in ".tmp/{process's own}": on the blobs' file system, so that they can be linked. The owner holds a
/// lock on its folder while it lives; whoever starts clears the folders of the dead.
/// </summary>
internal sealed class TempFiles : IDisposable
{
    private const string LockName = "lock";
    private const int OwnerReadWrite = 0b110_000_000;

    /// <summary>Others start in milliseconds; in 10 s, a dead one's lock is long gone.</summary>
    private const int StartTriesMax = 1_000;
    private const int StartPauseMilliseconds = 10;

    private readonly string _folder;
    private readonly FileLock _owner;
    private long _count;

    public TempFiles(string directory, IRandom random)
    {
        Directory.CreateDirectory(directory);
        // Starting is one at a time: between making a folder and locking it, it would look like a dead one's.
        using var start = new FileLock($"{directory}/start");
        Take(start);
        _folder = $"{directory}/{random.NextId():N}";
        Directory.CreateDirectory(_folder);
        _owner = new FileLock($"{_folder}/{LockName}");
        if (!_owner.TryTake()) throw new IOException($"{_folder} is another's");
        foreach (var folder in Directory.GetDirectories(directory)) ClearIfDead(folder);
    }

    /// <param name="direct">
    /// For <see cref="DirectWrite"/>. Throws <see cref="IOException"/> with <see cref="Errno.Invalid"/> where the file
    /// system can't.
    /// </param>
    public (SafeFileHandle File, string Path) Create(bool direct)
    {
        const int flags = Posix.OpenWriteOnly | Posix.OpenCreate | Posix.OpenExclusive | Posix.OpenCloseOnExec;
        var path = $"{_folder}/{Interlocked.Increment(ref _count):x}";
        var file = Posix.Open(path, direct ? flags | Posix.OpenDirect : flags, OwnerReadWrite);
        if (file >= 0) return (new SafeFileHandle(file, ownsHandle: true), path);
        var errno = Marshal.GetLastPInvokeError();
        Drop(path); // some file systems make the file and then refuse
        throw Errno.Failure("open", path, errno);
    }

    /// <summary>
    /// Drops the temporary name. A fault here costs a leftover that the next start clears, nothing else.
    /// </summary>
    public static void Drop(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (FileFaults.IsFault(fault))
        {
        }
    }

    private static void Take(FileLock start)
    {
        using var never = new ManualResetEventSlim();
        for (var tries = 0; !start.TryTake(); tries++)
        {
            if (tries == StartTriesMax) throw new IOException("another process hangs while it opens the same store");
            never.Wait(StartPauseMilliseconds);
        }
    }

    private void ClearIfDead(string folder)
    {
        if (folder == _folder) return;
        using var owner = new FileLock($"{folder}/{LockName}");
        if (owner.TryTake()) Directory.Delete(folder, recursive: true);
    }

    public void Dispose()
    {
        _owner.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception fault) when (FileFaults.IsFault(fault))
        {
        }
    }
}
