using AMA.Archive.Blobs;
using Microsoft.Win32.SafeHandles;

namespace AMA.Adapters.Local;

/// <summary>A streamed put: writes land in a temporary file; the commit syncs and names it.</summary>
internal sealed class FileBlobWriter(FileBlobStore store, string name, SafeFileHandle file, string path) : IBlobWriter
{
    private readonly Temp _temp = new(file, path);
    private long _length;
    private bool _ended;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        await store.WriteAsync(name, () => Write(content), cancel);
        _length += content.Length;
    }

    public ValueTask<PutResult> CommitAsync(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        _ended = true;
        return store.WriteAsync(name, () => store.Publish(name, _temp, etag: null), cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await store.WriteAsync(name, () => { _temp.Dispose(); return true; }, CancellationToken.None);
    }

    private bool Write(ReadOnlyMemory<byte> content)
    {
        RandomAccess.Write(_temp.File, content.Span, _length);
        return true;
    }

    /// <summary>A file without a blob's name yet. Disposing drops the temporary name.</summary>
    internal sealed class Temp(SafeFileHandle file, string path) : IDisposable
    {
        public SafeFileHandle File => file;

        public string Path => path;

        /// <summary>After a failed sync the file is abandoned: nobody may try the same file again.</summary>
        public void Close(IDurableFiles files)
        {
            files.SyncFile(file);
            file.Dispose();
        }

        /// <summary>The temporary one is gone.</summary>
        public bool HasName { get; set; }

        public void Dispose()
        {
            file.Dispose();
            if (!HasName) TempFiles.Drop(path);
        }
    }
}
