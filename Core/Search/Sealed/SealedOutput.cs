using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;
using Lucene.Net.Store;
using Microsoft.Win32.SafeHandles;

namespace AMA.Search.Sealed;

/// <summary>
/// Writes a sealed file from its start to its end. A chunk is sealed when it is full, the last one when the output is
/// closed: a part of a chunk must never be sealed twice under one nonce, so <see cref="Flush"/> does nothing.
/// </summary>
internal sealed class SealedOutput : IndexOutput
{
    /// <summary>Sealed chunks handed to the operating system by one write.</summary>
    private const int BatchChunks = 4;

    private readonly SafeFileHandle _file;
    private readonly ChunkCipher _cipher;
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(Amix.ChunkBytes);
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(BatchChunks * Amix.SealedChunkBytes);
    private readonly Crc32 _crc = new();
    private int _plainBytes;
    private int _sealedBytes;
    private long _chunk;
    private long _written = Amix.HeaderBytes;
    private readonly Action<SealedOutput> _closed;
    private volatile bool _locked;
    private bool _disposed;

    public SealedOutput(string name, SealedPlace place, Action<SealedOutput> closed)
    {
        _closed = closed;
        Span<byte> header = stackalloc byte[Amix.HeaderBytes];
        Amix.Begin(header, place.Keys.WriteVersion, place.Machine.Random.NextBytes(ChunkKeys.SaltBytes));
        Span<byte> derived = stackalloc byte[ChunkKeys.DerivedBytes];
        place.Derive(header, place.Keys.WriteVersion, name, derived);
        var nonce = derived.Slice(ChunkKeys.KeyBytes, ChunkKeys.NonceBytes);
        _cipher = new ChunkCipher(derived[..ChunkKeys.KeyBytes], nonce, Amix.ChunkShift);
        Amix.Commit(header, derived[(ChunkKeys.KeyBytes + ChunkKeys.NonceBytes)..]);
        CryptographicOperations.ZeroMemory(derived);
        _file = Create(Path.Combine(place.Directory, name));
        RandomAccess.Write(_file, header, 0);
    }

    /// <summary>A file of that name goes first: readers keep the old one, and no byte of it is written over.</summary>
    private static SafeFileHandle Create(string path)
    {
        File.Delete(path);
        return File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
    }

    public override long Position => (_chunk << Amix.ChunkShift) + _plainBytes;

    public override long Length
    {
        get => Position;
        set { }
    }

    /// <summary>CRC-32 of the plain bytes, as Lucene's footers want it.</summary>
    public override long Checksum
    {
        get
        {
            var crc = _crc.Clone();
            crc.Append(_plain.AsSpan(0, _plainBytes));
            return crc.GetCurrentHashAsUInt32();
        }
    }

    public override void WriteByte(byte b)
    {
        _plain[_plainBytes++] = b;
        if (_plainBytes == Amix.ChunkBytes) SealChunk();
    }

    public override void WriteBytes(byte[] b, int offset, int length)
    {
        while (length > 0)
        {
            var part = Math.Min(length, Amix.ChunkBytes - _plainBytes);
            b.AsSpan(offset, part).CopyTo(_plain.AsSpan(_plainBytes));
            _plainBytes += part;
            offset += part;
            length -= part;
            if (_plainBytes == Amix.ChunkBytes) SealChunk();
        }
    }

    public override void Flush() { }

    /// <summary>The lease is gone: nothing more is sealed, and nothing more goes out.</summary>
    public void Lock() => _locked = true;

    [Obsolete("As Lucene has it.")]
    public override void Seek(long pos) => throw new NotSupportedException("a sealed file is written once, in order");

    private void SealChunk()
    {
        if (_locked) throw new IndexLockedException("the index was locked while a file was written");
        var plain = _plain.AsSpan(0, _plainBytes);
        _crc.Append(plain);
        _cipher.Seal(_chunk++, plain, _sealed.AsSpan(_sealedBytes, plain.Length + ChunkCipher.TagBytes));
        _sealedBytes += plain.Length + ChunkCipher.TagBytes;
        _plainBytes = 0;
        if (_sealedBytes > (BatchChunks - 1) * Amix.SealedChunkBytes) Spill();
    }

    private void Spill()
    {
        if (_locked) throw new IndexLockedException("the index was locked while a file was written");
        RandomAccess.Write(_file, _sealed.AsSpan(0, _sealedBytes), _written);
        _written += _sealedBytes;
        _sealedBytes = 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            if (_locked) return; // half a file; Lucene deletes it when it rolls back
            SealChunk();
            Spill();
        }
        finally
        {
            _closed(this);
            _cipher.Dispose();
            _file.Dispose();
            ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(_sealed);
        }
    }
}
