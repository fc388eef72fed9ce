namespace AMA.Archive.Sealing;

/// <summary>
/// A read-only stream that turns pieces of a source into plain bytes, each piece checked before any of it comes out.
/// After a fault every further read throws it again: a damaged stream must never look ended.
/// </summary>
public abstract class ForwardStream : Stream
{
    private readonly Stream _source;
    private readonly bool _leaveOpen;
    private SealException? _fault;
    private bool _disposed;

    private protected ForwardStream(Stream source, bool leaveOpen)
    {
        _source = source;
        _leaveOpen = leaveOpen;
    }

    public sealed override bool CanRead => true;
    public sealed override bool CanSeek => false;
    public sealed override bool CanWrite => false;
    public sealed override long Length => throw new NotSupportedException();
    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override int Read(Span<byte> buffer)
    {
        if (Refuses(buffer.Length)) return 0;
        try
        {
            int taken;
            while (!TryTake(buffer, out taken))
            {
                var wanted = Wanted();
                Feed(_source.ReadAtLeast(wanted.Span, wanted.Length, throwOnEndOfStream: false));
            }
            return taken;
        }
        catch (SealException e)
        {
            _fault = e;
            throw;
        }
    }

    public sealed override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Refuses(buffer.Length)) return 0;
        try
        {
            int taken;
            while (!TryTake(buffer.Span, out taken))
            {
                var wanted = Wanted();
                Feed(await _source.ReadAtLeastAsync(
                    wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken));
            }
            return taken;
        }
        catch (SealException e)
        {
            _fault = e;
            throw;
        }
    }

    public sealed override void Flush() { }
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public sealed override void SetLength(long value) => throw new NotSupportedException();
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>
    /// Gives bytes that are ready; none and true at the end. False: another piece of the source is needed.
    /// </summary>
    private protected abstract bool TryTake(Span<byte> buffer, out int taken);

    /// <summary>Where the next piece of the source goes; filled whole unless the source ends.</summary>
    private protected abstract Memory<byte> Wanted();

    /// <summary>Takes in the piece; <paramref name="count"/> is less than wanted only at the source's end.</summary>
    private protected abstract void Feed(int count);

    /// <summary>Gives back buffers, zeroed, and keys; called once.</summary>
    private protected abstract void Release();

    protected sealed override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Release();
            if (!_leaveOpen) _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Refuses(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _fault is null ? length == 0 : throw _fault;
    }
}
