using System.Collections.Concurrent;
using AMA.Archive.Sealing;
using Lucene.Net.Index;
using Lucene.Net.Store;

namespace AMA.Search.Sealed;

/// <summary>
/// A Lucene directory whose files are sealed (docs/formats/AMIX.md); only the empty write.lock is plain. It syncs what
/// it is told to sync by itself: Lucene's own directory knows only files of its own outputs.
/// </summary>
internal sealed class SealedDirectory : BaseDirectory
{
    private readonly SealedPlace _place;
    private readonly ConcurrentDictionary<string, byte> _unsynced = new();
    private readonly ConcurrentDictionary<string, byte> _lost = new();
    private readonly ConcurrentDictionary<SealedFile, byte> _open = new();
    private readonly ConcurrentDictionary<SealedOutput, byte> _written = new();
    private volatile bool _locked;

    public SealedDirectory(SealedPlace place)
    {
        _place = place;
        var directory = System.IO.Directory.CreateDirectory(place.Directory);
        if (directory.Parent is { } parent) place.Machine.Files.SyncDirectory(parent.FullName);
        SetLockFactory(new NativeFSLockFactory(directory) { LockPrefix = null });
        IsOpen = true;
    }

    /// <summary>The key version that new files are sealed under.</summary>
    public ulong WriteVersion => _place.Keys.WriteVersion;

    /// <summary>By the file's header; needs no key, and proves nothing against whoever can write the disk.</summary>
    public ulong KeyVersionOf(string name)
    {
        Span<byte> header = stackalloc byte[Amix.HeaderBytes];
        using var file = File.OpenHandle(PathOf(name));
        return RandomAccess.Read(file, header, 0) == header.Length
            ? Amix.KeyVersion(header, name)
            : throw new SealedFileException(SealFault.Truncated, name, "no whole header");
    }

    /// <summary>Of all files there are; the newest when there is none.</summary>
    public ulong OldestKeyVersion() => ListAll().Where(name => name != IndexWriter.WRITE_LOCK_NAME)
        .Select(KeyVersionOf).Append(WriteVersion).Min();

    private string PathOf(string name) => Path.Combine(_place.Directory, name);

    public override string GetLockID() => Path.GetFullPath(_place.Directory);

    public override string[] ListAll()
    {
        EnsureOpen();
        return [.. System.IO.Directory.EnumerateFiles(_place.Directory).Select(path => Path.GetFileName(path))];
    }

    [Obsolete("As Lucene has it.")]
    public override bool FileExists(string name) => File.Exists(PathOf(name));

    public override void DeleteFile(string name)
    {
        EnsureOpen();
        if (!File.Exists(PathOf(name))) throw new FileNotFoundException(name);
        File.Delete(PathOf(name));
        _unsynced.TryRemove(name, out _);
        _lost.TryRemove(name, out _);
    }

    /// <summary>Plain bytes.</summary>
    public override long FileLength(string name)
    {
        EnsureOpen();
        return Amix.PlainLength(new FileInfo(PathOf(name)).Length, name);
    }

    public override IndexOutput CreateOutput(string name, IOContext context)
    {
        EnsureOpen();
        EnsureUnlocked();
        _unsynced[name] = 0;
        _lost.TryRemove(name, out _);
        var output = new SealedOutput(name, _place, closed => _written.TryRemove(closed, out _));
        _written[output] = 0;
        if (_locked) output.Lock();
        return output;
    }

    /// <summary>
    /// Makes content and names durable. A file whose sync failed once is lost: the kernel may have dropped its pages
    /// and would report the next sync as done, so every later sync of it fails too.
    /// </summary>
    public override void Sync(ICollection<string> names)
    {
        EnsureOpen();
        EnsureUnlocked();
        if (names.FirstOrDefault(_lost.ContainsKey) is { } lost)
            throw new IOException($"an earlier sync of index file {lost} failed: what it held is not durable");
        var waiting = names.Where(_unsynced.ContainsKey).ToArray();
        if (waiting.Length == 0) return;
        foreach (var name in waiting) SyncFile(name);
        _place.Machine.Files.SyncDirectory(_place.Directory);
        foreach (var name in waiting) _unsynced.TryRemove(name, out _);
    }

    private void SyncFile(string name)
    {
        try
        {
            _place.Machine.Files.SyncFile(PathOf(name));
        }
        catch
        {
            _lost[name] = 0;
            throw;
        }
    }

    public override IndexInput OpenInput(string name, IOContext context)
    {
        var file = Open(name);
        return new SealedInput(name, file, 0, file.Length, IsSequential(context));
    }

    public override IndexInputSlicer CreateSlicer(string name, IOContext context) =>
        new SealedSlicer(Open(name), IsSequential(context));

    private static bool IsSequential(IOContext context) =>
        context.Context == IOContext.UsageContext.MERGE || context.ReadOnce;

    private SealedFile Open(string name)
    {
        EnsureOpen();
        EnsureUnlocked();
        var file = SealedFile.Open(name, _place, released => _open.TryRemove(released, out _));
        _open[file] = 0;
        if (!IsOpen || _locked) file.Zero();
        return file;
    }

    /// <summary>
    /// Nothing is read or written from here on; files may still be deleted and closed, as Lucene does when it rolls back.
    /// </summary>
    public void Lock()
    {
        _locked = true;
        foreach (var output in _written.Keys) output.Lock();
        foreach (var file in _open.Keys) file.Zero();
    }

    private void EnsureUnlocked()
    {
        if (_locked) throw new IndexLockedException("the index was locked");
    }

    /// <summary>Keys and cached plaintext of all files, at once, whoever still holds an input.</summary>
    public void Zero()
    {
        IsOpen = false;
        foreach (var file in _open.Keys) file.Zero();
    }

    protected override void Dispose(bool disposing) => Zero();
}
