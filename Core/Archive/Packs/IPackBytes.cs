using AMA.Archive.Blobs;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>Ranged access to a pack's bytes, wherever they lie.</summary>
internal interface IPackBytes
{
    long Length { get; }

    /// <summary>
    /// Fills the whole buffer from <paramref name="offset"/>. Throws (Truncated) when the bytes end before.
    /// </summary>
    ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel);
}

internal sealed class PackInStore(IBlobStore store, string name, long length) : IPackBytes
{
    public long Length => length;

    public async ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        var count = await store.ReadAsync(name, offset, buffer, cancel);
        SealException.Unless(count == buffer.Length, SealFault.Truncated, $"{name} ends too early");
    }
}

internal sealed class PackInMemory(ReadOnlyMemory<byte> bytes) : IPackBytes
{
    public long Length => bytes.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        SealException.Unless(offset + buffer.Length <= bytes.Length, SealFault.Truncated, "the pack ends too early");
        bytes.Slice((int)offset, buffer.Length).CopyTo(buffer);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A range of a pack as a stream, in pieces large enough for a store that is far away.</summary>
internal sealed class PackRange(IPackBytes bytes, long offset, long length) : Stream
{
    private long _at;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int start, int count) =>
        throw new NotSupportedException("stores are read asynchronously");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = buffer[..(int)Math.Min(buffer.Length, length - _at)];
        if (piece.Length > 0) await bytes.ReadAsync(offset + _at, piece, cancellationToken);
        _at += piece.Length;
        return piece.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int start, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(start, count), cancellationToken).AsTask();

    public override void Flush() { }
    public override long Seek(long where, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int start, int count) => throw new NotSupportedException();
}
