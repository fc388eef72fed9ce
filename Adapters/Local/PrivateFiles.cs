using AMA.Archive.Blobs;
using AMA.Archive.Keys.Roots;

namespace AMA.Adapters.Local;

/// <summary>
/// <see cref="IPrivateFiles"/> with directories of mode 0700 and files of mode 0600. On Linux.
/// </summary>
public sealed class PrivateFiles(IDurableFiles files) : IPrivateFiles
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

    public byte[]? Read(string path)
    {
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > FileBytesMax)
            throw new IOException($"{path} is too long to be what it should be");
        return File.ReadAllBytes(path);
    }

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
        var created = files.TryRename(unfinished, path);
        if (!created) File.Delete(unfinished);
        files.SyncDirectory(directory);
        return created;
    }

    public void Delete(string path)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(directory)) return;
        File.Delete(path);
        files.SyncDirectory(directory);
    }

    public IReadOnlyList<string> List(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path))] : [];
}
