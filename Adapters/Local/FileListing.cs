using System.Runtime.CompilerServices;
using AMA.Archive.Blobs;

namespace AMA.Adapters.Local;

/// <summary>
/// Walks a store's directories in the ordinal order of whole names. A directory counts as its name with a '/', so
/// that "a-b" comes before "a/c", and "a.b" too.
/// </summary>
internal sealed class FileListing(string root, string prefix, string? after, FileThreads threads)
{
    private readonly record struct Entry(string Name, long Length)
    {
        public bool IsDirectory => Name.EndsWith('/');
    }

    public async IAsyncEnumerable<BlobInfo> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var pending = new Stack<Entry>();
        pending.Push(new Entry(prefix[..(prefix.LastIndexOf('/') + 1)], 0));
        for (var first = true; pending.TryPop(out var entry); first = false)
        {
            if (!first && !entry.IsDirectory)
            {
                yield return new BlobInfo(entry.Name, entry.Length, ETag: null);
                continue;
            }
            foreach (var inner in await threads.RunAsync(() => Guarded(entry.Name), cancel)) pending.Push(inner);
        }
    }

    private List<Entry> Guarded(string folder)
    {
        try
        {
            return Read(folder);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception fault) when (FileFaults.IsFault(fault))
        {
            throw FileFaults.Map(fault, $"list {folder}");
        }
    }

    /// <summary>The wanted entries of one directory, last first: they go onto a stack.</summary>
    private List<Entry> Read(string folder)
    {
        var entries = new List<Entry>();
        foreach (var found in new DirectoryInfo($"{root}/{folder}").EnumerateFileSystemInfos())
        {
            if (found.Name.StartsWith('.')) continue;
            if (IsWanted(folder, found) && EntryOf(folder, found) is { } wanted) entries.Add(wanted);
        }
        entries.Sort(static (one, other) => string.CompareOrdinal(other.Name, one.Name));
        return entries;
    }

    private static Entry? EntryOf(string folder, FileSystemInfo found)
    {
        if (found is not FileInfo file) return new Entry($"{folder}{found.Name}/", 0);
        try
        {
            return new Entry(folder + file.Name, file.Length);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>By its name alone: the length of what isn't wanted is never asked for.</summary>
    private bool IsWanted(string folder, FileSystemInfo found)
    {
        if (found is FileInfo)
        {
            var name = folder + found.Name;
            return name.StartsWith(prefix, StringComparison.Ordinal) && IsLater(name);
        }
        var inner = $"{folder}{found.Name}/";
        var leadsToPrefix = prefix.StartsWith(inner, StringComparison.Ordinal)
            || inner.StartsWith(prefix, StringComparison.Ordinal);
        return leadsToPrefix && (IsLater(inner) || after!.StartsWith(inner, StringComparison.Ordinal));
    }

    private bool IsLater(string name) => after is null || string.CompareOrdinal(name, after) > 0;
}
