using System.Buffers.Binary;
using System.Security.Cryptography;
using Lucene.Net.Store;

namespace AMA.Search.Sealed;

/// <summary>
/// Reads a range of a sealed file. Not safe for two threads: Lucene clones it for each, and never closes a clone, so a
/// clone does not count as a reader of its file.
/// </summary>
internal sealed class SealedInput : IndexInput
{
    /// <summary>Chunks opened by one read when a file is read from end to end.</summary>
    private const int RunChunks = 8;

    private readonly SealedFile _file;
    private readonly long _from;
    private readonly long _length;
    private readonly bool _sequential;
    private byte[] _plain = [];
    private long _base;
    private int _at;
    private int _limit;
    private byte[]? _run;
    private bool _clone;
    private bool _disposed;

    /// <param name="from">First byte of the range in the file.</param>
    /// <param name="sequential">Read from end to end: a merge, a checksum.</param>
    public SealedInput(string description, SealedFile file, long from, long length, bool sequential) : base(description)
    {
        (_file, _from, _length, _sequential) = (file, from, length, sequential);
        _base = from;
    }

    public override long Length => _length;

    public override long Position => _base + _at - _from;

    /// <summary>Lazy: the chunk is opened by the first read.</summary>
    public override void Seek(long pos)
    {
        if (pos < 0 || pos > _length) throw new EndOfStreamException($"seek to {pos} in {this}");
        var target = _from + pos;
        if (_limit > 0 && target >= _base && target <= _base + _limit)
        {
            _at = (int)(target - _base);
            return;
        }
        (_base, _at, _limit) = (target, 0, 0);
    }

    private void Refill()
    {
        var target = _base + _at;
        if (target >= _from + _length) throw new EndOfStreamException($"read past the end of {this}");
        var chunk = (int)(target >> Amix.ChunkShift);
        if (_sequential)
        {
            _run ??= new byte[RunChunks << Amix.ChunkShift];
            (_plain, _limit) = (_run, _file.Run(chunk, _run));
        }
        else
        {
            _plain = _file.Chunk(chunk);
            _limit = _plain.Length;
        }
        _base = (long)chunk << Amix.ChunkShift;
        _at = (int)(target - _base);
        _limit = (int)Math.Min(_limit, _from + _length - _base);
    }

    public override byte ReadByte()
    {
        if (_at >= _limit) Refill();
        return _plain[_at++];
    }

    public override void ReadBytes(byte[] b, int offset, int len)
    {
        while (len > 0)
        {
            if (_at >= _limit) Refill();
            var part = Math.Min(len, _limit - _at);
            _plain.AsSpan(_at, part).CopyTo(b.AsSpan(offset, part));
            _at += part;
            offset += part;
            len -= part;
        }
    }

    public override short ReadInt16()
    {
        if (_limit - _at < sizeof(short)) return base.ReadInt16();
        _at += sizeof(short);
        return BinaryPrimitives.ReadInt16BigEndian(_plain.AsSpan(_at - sizeof(short)));
    }

    public override int ReadInt32()
    {
        if (_limit - _at < sizeof(int)) return base.ReadInt32();
        _at += sizeof(int);
        return BinaryPrimitives.ReadInt32BigEndian(_plain.AsSpan(_at - sizeof(int)));
    }

    public override long ReadInt64()
    {
        if (_limit - _at < sizeof(long)) return base.ReadInt64();
        _at += sizeof(long);
        return BinaryPrimitives.ReadInt64BigEndian(_plain.AsSpan(_at - sizeof(long)));
    }

    /// <summary>Seven bits a byte, low ones first; written out because postings are made of these.</summary>
    public override int ReadVInt32()
    {
        const int bytesMax = 5;
        if (_limit - _at < bytesMax) return base.ReadVInt32();
        var value = 0;
        for (var shift = 0; shift < bytesMax * 7; shift += 7)
        {
            var b = _plain[_at++];
            value |= (b & 0x7F) << shift;
            if (b < 0x80) break;
        }
        return value;
    }

    public override object Clone()
    {
        var clone = new SealedInput(ToString(), _file, _from, _length, _sequential) { _clone = true };
        if (_sequential)
            clone._base = _base + _at;
        else
            (clone._plain, clone._base, clone._at, clone._limit) = (_plain, _base, _at, _limit);
        return clone;
    }

    protected override void Dispose(bool disposing)
    {
        if (_run is not null) CryptographicOperations.ZeroMemory(_run);
        (_plain, _at, _limit, _base) = ([], 0, 0, _from);
        if (_clone || _disposed) return;
        _disposed = true;
        _file.Release();
    }
}

/// <summary>Opens ranges of one file: the files inside Lucene's compound files.</summary>
internal sealed class SealedSlicer(SealedFile file, bool sequential) : Lucene.Net.Store.Directory.IndexInputSlicer
{
    private int _disposed;

    public override IndexInput OpenSlice(string sliceDescription, long offset, long length)
    {
        if (offset < 0 || length < 0 || offset + length > file.Length)
            throw new EndOfStreamException($"slice {sliceDescription} reaches out of {file.Name}");
        file.AddReader();
        return new SealedInput(sliceDescription, file, offset, length, sequential);
    }

    [Obsolete("As Lucene has it.")]
    public override IndexInput OpenFullSlice() => OpenSlice("full-slice", 0, file.Length);

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) file.Release();
    }
}
