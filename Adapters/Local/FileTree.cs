using System.Collections.Concurrent;
using AMA.Archive.Blobs;

namespace AMA.Adapters.Local;

/// <summary>
/// The directories of a store: makes them durably, once, and gives finished files their names. Blobs' directories are
/// never removed, so one that was made stays made.
/// </summary>
internal sealed class FileTree
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly IDurableFiles _files;
    private readonly ConcurrentDictionary<string, bool> _made = new(StringComparer.Ordinal);

    public FileTree(string root, IDurableFiles files)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        _files = files;
        MakeRoot();
    }

    public string Root { get; }

    public string PathOf(string name) => $"{Root}/{name}";

    /// <summary>Gives the file <paramref name="source"/> the name; false: it is taken. Durable in both cases.</summary>
    public bool TryName(string source, string name)
    {
        var target = PathOf(name);
        var directory = MakeParent(target);
        var done = _files.TryRename(source, target);
        if (!done) RefuseDirectory(target, name);
        // Also when the name is taken: what we saw may be another's put whose own sync is still under way, and the
        // caller will build on the answer.
        _files.SyncDirectory(directory);
        return done;
    }

    /// <summary>Whether the name is taken; if so, durably.</summary>
    public bool IsTaken(string name)
    {
        var target = PathOf(name);
        if (!File.Exists(target)) return false;
        _files.SyncDirectory(MakeParent(target));
        return true;
    }

    public void Replace(string source, string name)
    {
        var target = PathOf(name);
        _files.Replace(source, target);
        _files.SyncDirectory(MakeParent(target));
    }

    public void Remove(string name)
    {
        var target = PathOf(name);
        try
        {
            File.Delete(target);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        // Even if nothing was there: the deletion that came before may not have been synced.
        _files.SyncDirectory(MakeParent(target));
    }

    /// <summary>
    /// The directory for <paramref name="path"/>, durable with all above it. One that exists but isn't known here may
    /// have been made by a process that died before its sync, so its entry is synced all the same.
    /// </summary>
    private string MakeParent(string path)
    {
        var directory = path[..path.LastIndexOf('/')];
        if (directory.Length <= Root.Length || _made.ContainsKey(directory)) return directory;
        var above = MakeParent(directory);
        Directory.CreateDirectory(directory, OwnerOnly);
        _files.SyncDirectory(above);
        _made[directory] = true;
        return directory;
    }

    private void MakeRoot()
    {
        var missing = new Stack<string>();
        for (var path = Root; path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
            missing.Push(path);
        foreach (var path in missing)
        {
            Directory.CreateDirectory(path, OwnerOnly);
            _files.SyncDirectory(Path.GetDirectoryName(path)!);
        }
        _files.SyncDirectory(Root);
    }

    private static void RefuseDirectory(string target, string name)
    {
        if (Directory.Exists(target))
            throw new BlobStoreException($"{name} is the beginning of other blobs' names", transient: false);
    }
}
