namespace AMA.Archive.Blobs;

/// <summary>
/// A range of a blob as a stream, read from the store in pieces of <see cref="PieceBytes"/>. Only asynchronous reads:
/// a store is never waited for by a blocked thread.
/// </summary>
public sealed class BlobRangeStream(IBlobStore store, string name, long offset, long length) : Stream
{
    public const int PieceBytes = 256 << 10;

    private byte[] _piece = [];
    private int _at;
    private int _filled;
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;

    public override long Position
    {
        get => _read - (_filled - _at);
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_at == _filled && !await FillAsync(cancellationToken)) return 0;
        var count = Math.Min(buffer.Length, _filled - _at);
        _piece.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask<bool> FillAsync(CancellationToken cancel)
    {
        var wanted = (int)Math.Min(PieceBytes, length - _read);
        if (wanted == 0) return false;
        if (_piece.Length < wanted) _piece = new byte[wanted];
        var count = await store.ReadAsync(name, offset + _read, _piece.AsMemory(0, wanted), cancel);
        if (count < wanted) throw new EndOfStreamException($"{name} ends within the range");
        _read += count;
        _at = 0;
        _filled = count;
        return true;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() { }
}
