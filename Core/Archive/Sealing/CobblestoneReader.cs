using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Keys;

namespace AMA.Archive.Sealing;

/// <summary>
/// Opens a Cobblestone-256 stream from its first byte to its last, one chunk in memory. Bytes come out only after
/// their chunk was authenticated; the end comes only after the last, short chunk was, so whoever reads to the end has
/// the whole. Faults are <see cref="SealException"/>: Truncated, Commitment, Authentication. Not thread-safe.
/// </summary>
public sealed class CobblestoneReader : Stream
{
    private readonly Stream _source;
    private readonly bool _leaveOpen;
    private readonly Secret _key;
    private readonly byte[] _context;
    private readonly byte[] _sealed;
    private readonly byte[] _plain;
    private ChunkCipher? _cipher;
    private long _number;
    private int _at;
    private int _filled;
    private bool _last;
    private bool _disposed;
    private SealException? _fault;

    /// <param name="source">Gives salt, commitment and chunks, and then its end.</param>
    public CobblestoneReader(
        Stream source, ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, bool leaveOpen = false)
    {
        _source = source;
        _leaveOpen = leaveOpen;
        _key = Secret.Copy(key);
        _context = context.ToArray();
        _sealed = ArrayPool<byte>.Shared.Rent(Cobblestone.SealedChunkBytes);
        _plain = ArrayPool<byte>.Shared.Rent(Cobblestone.ChunkBytes);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_fault is not null) throw _fault;
        if (buffer.Length == 0) return 0;
        while (_at == _filled && !_last)
        {
            var wanted = Wanted();
            OpenNext(_source.ReadAtLeast(wanted.Span, wanted.Length, throwOnEndOfStream: false));
        }
        return Take(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_fault is not null) throw _fault;
        if (buffer.Length == 0) return 0;
        while (_at == _filled && !_last)
        {
            var wanted = Wanted();
            OpenNext(await _source.ReadAtLeastAsync(
                wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken));
        }
        return Take(buffer.Span);
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _key.Dispose();
            _cipher?.Dispose();
            CryptographicOperations.ZeroMemory(_plain);
            ArrayPool<byte>.Shared.Return(_plain);
            ArrayPool<byte>.Shared.Return(_sealed);
            if (!_leaveOpen) _source.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Where the next piece of the source goes: the head first, then chunk by chunk.</summary>
    private Memory<byte> Wanted() =>
        _sealed.AsMemory(0, _cipher is null ? Cobblestone.HeadBytes : Cobblestone.SealedChunkBytes);

    private void OpenNext(int count)
    {
        try
        {
            if (_cipher is null) OpenHead(count);
            else OpenChunk(count);
        }
        catch (SealException e)
        {
            // For good: the next read must not take up in the middle, nor look like the end.
            _fault = e;
            throw;
        }
    }

    private void OpenHead(int count)
    {
        SealException.Unless(count == Cobblestone.HeadBytes, SealFault.Truncated, "no whole salt and commitment");
        _cipher = Cobblestone.BeginOpen(_key.Span, _context, _sealed.AsSpan(0, Cobblestone.HeadBytes));
        _key.Dispose();
    }

    private void OpenChunk(int count)
    {
        SealException.Unless(count >= Cobblestone.TagBytes, SealFault.Truncated, "no last chunk");
        var length = count - Cobblestone.TagBytes;
        _cipher!.Open(_number++, _sealed.AsSpan(0, count), _plain.AsSpan(0, length));
        _at = 0;
        _filled = length;
        _last = count < Cobblestone.SealedChunkBytes;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _filled - _at);
        _plain.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
