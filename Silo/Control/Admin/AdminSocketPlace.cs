using System.Text;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// Where the socket lies. A Unix socket's path may have 107 bytes; when the data directory's is longer, the socket lies
/// in a private directory of its own below the system's temporary one, and a link stands in its place.
/// </summary>
/// <param name="Path">Where operators look.</param>
/// <param name="Listening">Where the socket is.</param>
internal sealed record AdminSocketPlace(string Path, string Listening)
{
    /// <summary>sockaddr_un of Linux holds 108 with the zero at the end.</summary>
    public const int PathBytesMax = 107;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = OwnerOnly | UnixFileMode.UserExecute;

    public static AdminSocketPlace Prepare(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var directory = System.IO.Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(directory, DirectoryMode);
        File.SetUnixFileMode(directory, DirectoryMode); // between bind and chmod it is what keeps others out
        RemoveOld(full);
        if (Encoding.UTF8.GetByteCount(full) <= PathBytesMax) return new(full, full);
        var listening = System.IO.Path.Combine(Directory.CreateTempSubdirectory("ama-admin-").FullName, "admin.sock");
        File.CreateSymbolicLink(full, listening);
        return new(full, listening);
    }

    /// <summary>The socket is there: nobody else may open it.</summary>
    public void Close() => File.SetUnixFileMode(Listening, OwnerOnly);

    public void Remove() => RemoveOld(Path);

    /// <summary>A killed process leaves its socket, which nobody answers any more and which keeps the next from
    /// listening.</summary>
    private static void RemoveOld(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            File.Delete(target);
            if (System.IO.Path.GetDirectoryName(target) is { } directory && Directory.Exists(directory))
                Directory.Delete(directory);
        }
        File.Delete(path);
    }
}
