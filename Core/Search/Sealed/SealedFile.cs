using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using Microsoft.Win32.SafeHandles;

namespace AMA.Search.Sealed;

/// <summary>
/// An open index file: shared by an input and all its clones and slices, safe for any number of threads. Counts its
/// readers; with the last one its key and its cached plaintext are zeroed.
/// </summary>
internal sealed class SealedFile
{
    private readonly SafeFileHandle _file;
    private readonly ChunkCache _cache;
    private readonly Action<SealedFile> _released;
    private readonly long _fileBytes;
    private readonly Secret _key;
    private ChunkCipher? _cipher;
    private int _readers = 1;
    private volatile bool _zeroed;

    private SealedFile(string name, SafeFileHandle file, SealedPlace place, Action<SealedFile> released)
    {
        (Name, _file, _cache, _released) = (name, file, place.Machine.Cache, released);
        _fileBytes = RandomAccess.GetLength(file);
        Length = Amix.PlainLength(_fileBytes, name);
        _key = FileKey(place);
        Cached = new CachedChunk?[(Length >> Amix.ChunkShift) + 1];
    }

    public string Name { get; }

    /// <summary>Plain bytes.</summary>
    public long Length { get; }

    /// <summary>By chunk number; written under the cache's lock.</summary>
    public CachedChunk?[] Cached { get; }

    public bool IsZeroed => _zeroed;

    public static SealedFile Open(string name, SealedPlace place, Action<SealedFile> released)
    {
        var path = Path.Combine(place.Directory, name);
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        SealedFile? file = null;
        try
        {
            file = new SealedFile(name, handle, place, released);
            // The short last chunk proves the length; Lucene's own footer stands in it and is read next anyway.
            file.Chunk(file.Cached.Length - 1);
            return file;
        }
        catch
        {
            file?.Zero();
            handle.Dispose();
            throw;
        }
    }

    private Secret FileKey(SealedPlace place)
    {
        Span<byte> header = stackalloc byte[Amix.HeaderBytes];
        ReadFully(header, 0);
        Span<byte> derived = stackalloc byte[ChunkKeys.DerivedBytes];
        place.Derive(header, Amix.KeyVersion(header, Name), Name, derived);
        try
        {
            Amix.CheckCommitment(header, derived, Name);
            return Secret.Copy(derived[..(ChunkKeys.KeyBytes + ChunkKeys.NonceBytes)]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    public void AddReader() => Interlocked.Increment(ref _readers);

    public void Release()
    {
        if (Interlocked.Decrement(ref _readers) != 0) return;
        Zero();
        _file.Dispose();
        _released(this);
    }

    /// <summary>The lease is gone: nothing of this file is read any more, and nothing of it stays in memory.</summary>
    public void Zero()
    {
        _zeroed = true;
        _cache.Zero(this);
        Interlocked.Exchange(ref _cipher, null)?.Dispose();
        _key.Dispose();
    }

    /// <summary>Plain bytes of a chunk, from the cache or the disk. Not to be written to.</summary>
    public byte[] Chunk(int number)
    {
        if (Cached[number] is not { } cached) return Load(number);
        cached.Used = true;
        return cached.Plain;
    }

    private byte[] Load(int number)
    {
        var plain = GC.AllocateUninitializedArray<byte>(PlainBytes(number));
        Span<byte> bytes = stackalloc byte[plain.Length + ChunkCipher.TagBytes];
        ReadFully(bytes, At(number));
        Open(number, bytes, plain);
        _cache.Add(this, number, plain);
        return plain;
    }

    /// <summary>
    /// Opens chunks one after another into <paramref name="plain"/> by one read, past the cache, which merges and
    /// checksums would only empty. The plain bytes written.
    /// </summary>
    public int Run(int number, Span<byte> plain)
    {
        var chunks = Math.Min(plain.Length >> Amix.ChunkShift, Cached.Length - number);
        var sealedBytes = (int)Math.Min((long)chunks * Amix.SealedChunkBytes, _fileBytes - At(number));
        var rented = ArrayPool<byte>.Shared.Rent(sealedBytes);
        try
        {
            ReadFully(rented.AsSpan(0, sealedBytes), At(number));
            var done = 0;
            for (var i = 0; i < chunks; i++)
            {
                var bytes = PlainBytes(number + i);
                var chunk = rented.AsSpan(i * Amix.SealedChunkBytes, bytes + ChunkCipher.TagBytes);
                Open(number + i, chunk, plain.Slice(done, bytes));
                done += bytes;
            }
            return done;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static long At(int number) => Amix.HeaderBytes + (long)number * Amix.SealedChunkBytes;

    private int PlainBytes(int number) => (int)Math.Min(Amix.ChunkBytes, Length - ((long)number << Amix.ChunkShift));

    private void Open(int number, ReadOnlySpan<byte> sealedChunk, Span<byte> plain)
    {
        var cipher = TakeCipher();
        try
        {
            cipher.Open(number, sealedChunk, plain);
        }
        catch (SealException fault)
        {
            throw new SealedFileException(fault.Fault, Name, $"chunk {number} is not what was written", fault);
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _cipher, cipher, null) is not null) cipher.Dispose();
            if (_zeroed) Interlocked.Exchange(ref _cipher, null)?.Dispose();
        }
    }

    /// <summary>
    /// A cipher is one thread's at a time: two in one give wrong bytes without a word (crypto.md §2).
    /// </summary>
    private ChunkCipher TakeCipher()
    {
        if (Interlocked.Exchange(ref _cipher, null) is { } free) return free;
        try
        {
            var key = _key.Span;
            return new ChunkCipher(key[..ChunkKeys.KeyBytes], key[ChunkKeys.KeyBytes..], Amix.ChunkShift);
        }
        catch (ObjectDisposedException gone)
        {
            throw new IndexLockedException("the index was closed while it was read", gone);
        }
    }

    private void ReadFully(Span<byte> bytes, long at)
    {
        while (bytes.Length > 0)
        {
            var got = RandomAccess.Read(_file, bytes, at);
            if (got == 0) throw new SealedFileException(SealFault.Truncated, Name, "bytes are missing at its end");
            bytes = bytes[got..];
            at += got;
        }
    }
}
