using AMA.Archive.Blobs;

namespace AMA.Silo.Control;

/// <summary>
/// Files that only Control's own user may read: directories of mode 0700, files of mode 0600, whole and durable before
/// anybody builds on them.
/// </summary>
internal sealed class PrivateFiles(IDurableFiles files)
{
    private const int FileBytesMax = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = OwnerOnly | UnixFileMode.UserExecute;

    public void MakeDirectory(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(full)) return;
        var parent = Path.GetDirectoryName(full)!;
        MakeDirectory(parent);
        Directory.CreateDirectory(full, DirectoryMode);
        files.SyncDirectory(parent);
    }

    /// <summary>The file's bytes, or null when there is none.</summary>
    public byte[]? Read(string path)
    {
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > FileBytesMax)
            throw new IOException($"{path} is too long to be what it should be");
        return File.ReadAllBytes(path);
    }

    /// <summary>Creates the file; false: it is there already, and stays as it is. Durable either way.</summary>
    public bool TryCreate(string path, ReadOnlySpan<byte> content)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        MakeDirectory(directory);
        var unfinished = $"{path}.{Environment.ProcessId}.new";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0,
        };
        using (var stream = new FileStream(unfinished, options))
        {
            stream.Write(content);
            files.SyncFile(stream.SafeFileHandle);
        }
        var created = files.TryLink(unfinished, path);
        File.Delete(unfinished);
        files.SyncDirectory(directory);
        return created;
    }
}
