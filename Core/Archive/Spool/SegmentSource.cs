using AMA.Archive.Blobs;

namespace AMA.Archive.Spool;

/// <summary>A segment's bytes, once, from the first to the last.</summary>
internal abstract class SegmentSource
{
    /// <summary>The most that one <see cref="NextAsync"/> may ask for.</summary>
    public const int PieceBytesMax = 64 << 10;

    public abstract long Length { get; }

    public long Position { get; private set; }

    /// <summary>Exactly <paramref name="count"/> bytes, valid until the next call. Throws (Truncated).</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(int count, CancellationToken cancel)
    {
        SegmentException.Unless(Position + count <= Length, SegmentFault.Truncated, "the segment ends too early");
        var bytes = await TakeAsync(count, cancel);
        Position += count;
        return bytes;
    }

    protected abstract ValueTask<ReadOnlyMemory<byte>> TakeAsync(int count, CancellationToken cancel);

    public static SegmentSource Of(ReadOnlyMemory<byte> bytes) => new InMemory(bytes);

    public static SegmentSource Of(IBlobStore store, string name, long length) => new InStore(store, name, length);

    private sealed class InMemory(ReadOnlyMemory<byte> bytes) : SegmentSource
    {
        public override long Length => bytes.Length;

        protected override ValueTask<ReadOnlyMemory<byte>> TakeAsync(int count, CancellationToken cancel) =>
            new(bytes.Slice((int)Position, count));
    }

    private sealed class InStore(IBlobStore store, string name, long length) : SegmentSource
    {
        private readonly BlobRangeStream _stream = new(store, name, 0, length);
        private readonly byte[] _piece = new byte[PieceBytesMax];

        public override long Length => length;

        protected override async ValueTask<ReadOnlyMemory<byte>> TakeAsync(int count, CancellationToken cancel)
        {
            await _stream.ReadExactlyAsync(_piece.AsMemory(0, count), cancel);
            return _piece.AsMemory(0, count);
        }
    }
}
