using System.Runtime.InteropServices;
using AMA.Archive.Blobs;
using Microsoft.Win32.SafeHandles;

namespace AMA.Adapters.Local;

/// <summary>
/// <see cref="IDurableFiles"/> by direct system calls. The exceptions carry errno as their HResult. Every process runs
/// <see cref="SelfTest()"/> before it promises anything.
/// </summary>
public sealed class DurableFiles : IDurableFiles
{
    // A character device that knows no fsync: the kernel answers EINVAL, always, without any fault injection.
    private const string UnsyncableFile = "/dev/null";

    public void SyncFile(SafeFileHandle file) => Sync(() => Posix.Sync(file), "fsync", "open file");

    public void SyncFile(string path) => SyncPath(path);

    public void SyncDirectory(string path) => SyncPath(path);

    public void Replace(string source, string target)
    {
        if (Posix.Rename(source, target) != 0)
            throw Errno.Failure("rename", $"{source} to {target}", Marshal.GetLastPInvokeError());
    }

    public bool TryRename(string source, string target)
    {
        const int here = Posix.AtWorkingDirectory; // which absolute paths have no use for
        if (Posix.RenameAt(here, source, here, target, Posix.RenameNoReplace) == 0) return true;
        var errno = Marshal.GetLastPInvokeError();
        if (errno is Errno.Invalid or Errno.NoSuchCall) return TryLink(source, target);
        return errno == Errno.Exists ? false : throw Errno.Failure("rename", $"{source} to {target}", errno);
    }

    /// <summary>For file systems whose rename always replaces.</summary>
    private static bool TryLink(string source, string target)
    {
        if (Posix.Link(source, target) == 0)
        {
            File.Delete(source);
            return true;
        }
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.Exists ? false : throw Errno.Failure("link", $"{source} to {target}", errno);
    }

    /// <summary>
    /// Proves that a failing fsync is seen, with its right error number. Throws <see cref="InvalidOperationException"/>
    /// when it isn't: on such a system "durable" would be a guess, and no process of AMA may start.
    /// </summary>
    public void SelfTest() => SelfTest(this);

    /// <summary>The same proof for any implementation.</summary>
    public static void SelfTest(IDurableFiles files)
    {
        try
        {
            files.SyncFile(UnsyncableFile);
        }
        catch (IOException fault) when (fault.HResult == Errno.Invalid)
        {
            return;
        }
        catch (Exception fault)
        {
            throw Unfit($"fsync of {UnsyncableFile} must fail with EINVAL, but: {fault.Message}", fault);
        }
        throw Unfit($"fsync of {UnsyncableFile} must fail with EINVAL, but it seemed to succeed", null);
    }

    private static InvalidOperationException Unfit(string finding, Exception? inner) => new(
        $"This system hides failures of fsync, so nothing here can be promised as durable: {finding}. "
        + "AMA needs Linux with glibc (libc.so.6); look for a library preloaded into this process (LD_PRELOAD) "
        + "or a sandbox that replaces system calls.",
        inner);

    private static void SyncPath(string path)
    {
        var file = Posix.Open(path, Posix.OpenReadOnly | Posix.OpenCloseOnExec);
        if (file < 0) throw Errno.Failure("open", path, Marshal.GetLastPInvokeError());
        try
        {
            Sync(() => Posix.Sync(file), "fsync", path);
        }
        finally
        {
            _ = Posix.Close(file);
        }
    }

    /// <summary>
    /// Tests for "not 0", not for "below 0". Only an interrupted call is repeated: after any other error the kernel may
    /// have dropped the dirty pages and would answer "done" the next time.
    /// </summary>
    private static void Sync(Func<int> call, string name, string path)
    {
        while (call() != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.Interrupted) throw Errno.Failure(name, path, errno);
        }
    }
}
