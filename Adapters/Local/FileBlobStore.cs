using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Adapters.Local;

/// <summary>
/// <see cref="IBlobStore"/> in a directory: one file per blob, at its name. Beside them ".tmp" (files under way) and
/// ".locks". The steps of each put, and why they hold through a power cut: docs/formats/blob-store.md.
/// </summary>
/// <remarks>ETags are the SHA-256 of the content, so they are known after a whole read and never lie.</remarks>
public sealed class FileBlobStore : IBlobStore, IFiniteStore, IDisposable
{
    private const int QueueMax = 1_024;

    private readonly FileTree _tree;
    private readonly TempFiles _temps;
    private readonly IDurableFiles _files;
    private readonly FileThreads _writes;
    private readonly FileThreads _reads;
    private readonly NameLocks _locks;
    private volatile bool _isDirect = true;

    /// <summary>
    /// Opens the store, making <paramref name="root"/> where it is missing. Blocks: call it at start.
    /// </summary>
    /// <param name="time">Only for waits between tries of a lock.</param>
    /// <exception cref="BlobStoreException">The directory can't be made, written or synced.</exception>
    public FileBlobStore(
        string root, IDurableFiles files, IRandom? random = null, FileStoreOptions? options = null,
        TimeProvider? time = null)
    {
        options ??= new FileStoreOptions();
        _files = files;
        _tree = Guard("open", root, () => new FileTree(root, files));
        _temps = Guard("open", root, () => new TempFiles(_tree.PathOf(".tmp"), random ?? SystemRandom.Instance));
        _writes = new FileThreads("file writer", options.WriteThreads, QueueMax);
        _reads = new FileThreads("file reader", options.ReadThreads, QueueMax);
        _locks = Guard("open", root, () => new NameLocks(_tree.PathOf(".locks"), _writes, time ?? TimeProvider.System));
    }

    public string Root => _tree.Root;

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        Check(name, content);
        return _writes.RunAsync(() => Guard("put", name, () => Put(name, content, etag: null)), cancel);
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string? etag, CancellationToken cancel)
    {
        Check(name, content);
        if (etag is null)
            return _writes.RunAsync(() => Guard("put", name, () => Put(name, content, ETagOf(content.Span))), cancel);
        return _locks.RunAsync(name, () => Guard("put", name, () => Replace(name, content, etag)), cancel);
    }

    public async ValueTask<IBlobWriter> CreateAsync(string name, CancellationToken cancel)
    {
        BlobNames.Check(name);
        var temp = await _writes.RunAsync(() => Guard("create", name, () => _temps.Create(direct: false)), cancel);
        return new FileBlobWriter(this, name, temp.File, temp.Path);
    }

    public ValueTask<Blob?> GetAsync(string name, CancellationToken cancel)
    {
        BlobNames.Check(name);
        return _reads.RunAsync(() => Guard("get", name, () => Get(name)), cancel);
    }

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        BlobNames.Check(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _reads.RunAsync(() => Guard("read", name, () => Read(name, offset, buffer)), cancel);
    }

    public ValueTask<BlobInfo?> StatAsync(string name, CancellationToken cancel)
    {
        BlobNames.Check(name);
        return _reads.RunAsync(() => Guard("stat", name, () => Stat(name)), cancel);
    }

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, string? after, CancellationToken cancel)
    {
        BlobNames.CheckPrefix(prefix);
        return new FileListing(_tree.Root, prefix, after, _reads).ReadAsync(cancel);
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancel)
    {
        BlobNames.Check(name);
        await _locks.RunAsync(name, () => Guard("delete", name, () => Remove(name)), cancel);
    }

    public ValueTask<StoreSpace> SpaceAsync(CancellationToken cancel) =>
        _reads.RunAsync(() => Guard("measure", Root, () => FileSpace.Of(Root)), cancel);

    /// <summary>Waits for what is queued; the files under way go.</summary>
    public void Dispose()
    {
        _writes.Dispose();
        _reads.Dispose();
        _locks.Dispose();
        _temps.Dispose();
    }

    internal ValueTask<T> WriteAsync<T>(string name, Func<T> work, CancellationToken cancel) =>
        _writes.RunAsync(() => Guard("put", name, work), cancel);

    /// <summary>Syncs and closes the file, names it and drops its temporary name.</summary>
    internal PutResult Publish(string name, FileBlobWriter.Temp temp, string? etag)
    {
        temp.Close(_files);
        if (!_tree.TryName(temp.Path, name)) return PutResult.Refused;
        temp.HasName = true;
        return new PutResult(true, etag);
    }

    private PutResult Put(string name, ReadOnlyMemory<byte> content, string? etag)
    {
        if (_tree.IsTaken(name)) return PutResult.Refused;
        using var temp = Write(content.Span);
        return Publish(name, temp, etag);
    }

    private PutResult Replace(string name, ReadOnlyMemory<byte> content, string etag)
    {
        if (Get(name)?.ETag != etag) return PutResult.Refused;
        using var temp = Write(content.Span);
        temp.Close(_files);
        _tree.Replace(temp.Path, name);
        temp.HasName = true;
        return new PutResult(true, ETagOf(content.Span));
    }

    private FileBlobWriter.Temp Write(ReadOnlySpan<byte> content)
    {
        var direct = _isDirect && content.Length >= DirectWrite.BytesMin;
        try
        {
            return Write(content, direct);
        }
        catch (IOException fault) when (direct && fault.HResult == Errno.Invalid)
        {
            _isDirect = false; // the file system can't
            return Write(content, direct: false);
        }
    }

    private FileBlobWriter.Temp Write(ReadOnlySpan<byte> content, bool direct)
    {
        var (file, path) = _temps.Create(direct);
        var temp = new FileBlobWriter.Temp(file, path);
        try
        {
            if (direct) DirectWrite.Write(file, content);
            else RandomAccess.Write(file, content, 0);
            return temp;
        }
        catch
        {
            temp.Dispose();
            throw;
        }
    }

    private Blob? Get(string name)
    {
        using var file = Open(name);
        if (file is null) return null;
        var length = RandomAccess.GetLength(file);
        if (length > BlobLimits.SmallBytesMax)
            throw new BlobStoreException($"{name} has {length} B: read it in parts", transient: false);
        var content = new byte[length];
        var count = ReadFully(file, 0, content);
        if (count < length) throw new BlobStoreException($"{name} ended early", transient: false);
        return new Blob(content, ETagOf(content));
    }

    private int Read(string name, long offset, Memory<byte> buffer)
    {
        using var file = Open(name) ?? throw new BlobNotFoundException(name);
        return ReadFully(file, offset, buffer.Span);
    }

    private BlobInfo? Stat(string name)
    {
        var file = new FileInfo(_tree.PathOf(name));
        return file.Exists ? new BlobInfo(name, file.Length, ETag: null) : null;
    }

    private bool Remove(string name)
    {
        _tree.Remove(name);
        return true;
    }

    private Microsoft.Win32.SafeHandles.SafeFileHandle? Open(string name)
    {
        var path = _tree.PathOf(name);
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            return null;
        }
    }

    private static int ReadFully(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var count = RandomAccess.Read(file, buffer[total..], offset + total);
            if (count == 0) break;
            total += count;
        }
        return total;
    }

    private static void Check(string name, ReadOnlyMemory<byte> content)
    {
        BlobNames.Check(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, BlobLimits.SmallBytesMax);
    }

    private static string ETagOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static T Guard<T>(string doing, string name, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (FileFaults.IsFault(fault))
        {
            throw FileFaults.Map(fault, $"{doing} {name}");
        }
    }
}
