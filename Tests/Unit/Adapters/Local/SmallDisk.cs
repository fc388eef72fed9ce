using System.Diagnostics;

namespace AMA.Tests.Unit.Adapters.Local;

/// <summary>
/// A file system in memory, small enough to be filled, in the mount namespace of a process that only waits: this one
/// reaches it through /proc, and it goes with that process, however the test ends.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Process _holder;

    private SmallDisk(Process holder, string path) => (_holder, Path) = (holder, path);

    public string Path { get; }

    private string Filler => $"{Path}/filler";

    /// <summary>Null where this user may mount nothing.</summary>
    public static SmallDisk? TryMake(int megabytes, int inodes)
    {
        const string mount = "/tmp";
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        string script = $"mount -t tmpfs -o size={megabytes}m,nr_inodes={inodes},mode=0700 ama {mount} && echo ready && read end";
        var start = new ProcessStartInfo("unshare", [.. user, "--mount", "sh", "-c", script])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var holder = Process.Start(start)!;
        if (holder.StandardOutput.ReadLine() == "ready")
            return new SmallDisk(holder, $"/proc/{holder.Id}/root{mount}");
        holder.Dispose();
        return null;
    }

    /// <summary>Until at most so much of the space is left, in percent.</summary>
    public void FillBytes(double leftPercent)
    {
        var drive = new DriveInfo(Path);
        using var file = File.Create(Filler);
        var bytes = new byte[64 << 10];
        try
        {
            while (100.0 * drive.AvailableFreeSpace / drive.TotalSize > leftPercent) file.Write(bytes);
        }
        catch (IOException)
        {
            // Nothing is left.
        }
    }

    /// <summary>Until no file can be made any more.</summary>
    public void FillInodes()
    {
        Directory.CreateDirectory(Filler);
        try
        {
            for (var i = 0; ; i++) File.Create($"{Filler}/{i}").Dispose();
        }
        catch (IOException)
        {
            // That was the last one.
        }
    }

    public void Empty()
    {
        if (Directory.Exists(Filler)) Directory.Delete(Filler, recursive: true);
        File.Delete(Filler);
    }

    /// <summary>The end of its input ends it.</summary>
    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
