namespace AMA.Adapters.Submission;

/// <summary>A read-only stream whose beginning can be looked at before it is read.</summary>
internal sealed class PeekStream(Stream inner, int peekBytes) : Stream
{
    private byte[] _peeked = [];
    private int _given;

    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancel)
    {
        var buffer = new byte[peekBytes];
        var count = await inner.ReadAtLeastAsync(buffer, peekBytes, throwOnEndOfStream: false, cancel);
        _peeked = buffer[..count];
        return _peeked;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        var count = GivePeeked(buffer.Span);
        return count > 0 ? ValueTask.FromResult(count) : inner.ReadAsync(buffer, cancel);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var count = GivePeeked(buffer);
        return count > 0 ? count : inner.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int GivePeeked(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _peeked.Length - _given);
        _peeked.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
