using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AMA.Adapters.Local;

/// <summary>
/// An flock(2) on a file of its own. It holds among processes and among open handles of one process, and the kernel
/// drops it when the holder dies, however it dies. Lock files are never removed: removing one would let two holders
/// lock two files of the same name.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int ReadWriteCreate = 0x42;
    private const int OwnerReadWrite = 0x180;
    private const int Unlock = 8;

    private readonly SafeFileHandle _file;
    private readonly string _path;

    // Not through .NET's own open: it takes a shared flock of its own, which would stand in the way of ours.
    public FileLock(string path)
    {
        _path = path;
        var file = Posix.Open(path, ReadWriteCreate | Posix.OpenCloseOnExec, OwnerReadWrite);
        if (file < 0) throw Errno.Failure("open", path, Marshal.GetLastPInvokeError());
        _file = new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>False: another handle holds it now.</summary>
    public bool TryTake()
    {
        while (Posix.Lock(_file, Posix.LockExclusive | Posix.LockNonBlocking) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.WouldBlock) return false;
            if (errno != Errno.Interrupted) throw Errno.Failure("flock", _path, errno);
        }
        return true;
    }

    public void Release()
    {
        if (Posix.Lock(_file, Unlock) != 0)
            throw Errno.Failure("flock", _path, Marshal.GetLastPInvokeError());
    }

    public void Dispose() => _file.Dispose();
}
