using System.Buffers;
using System.IO.Pipelines;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>A connection's two pipes as the stream that <see cref="System.Net.Security.SslStream"/> needs.</summary>
public sealed class TransportStream(IDuplexPipe transport) : Stream
{
    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        var result = await transport.Input.ReadAsync(cancel);
        if (result.IsCanceled) throw new OperationCanceledException("the read was interrupted");
        // An empty buffer only asks to be told when there is something: idle connections then hold no memory.
        var count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        var part = result.Buffer.Slice(0, count);
        part.CopyTo(buffer.Span);
        transport.Input.AdvanceTo(part.End); // from here on the part's memory may be somebody else's
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
    {
        var result = await transport.Output.WriteAsync(buffer, cancel);
        if (result.IsCompleted) throw new IOException("the other side has closed the connection");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        ReadAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancel) =>
        WriteAsync(buffer.AsMemory(offset, count), cancel).AsTask();

    /// <summary>Each write above is on its way already.</summary>
    public override Task FlushAsync(CancellationToken cancel) => Task.CompletedTask;

    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw OnlyAsync();
    public override void Write(byte[] buffer, int offset, int count) => throw OnlyAsync();
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    private static NotSupportedException OnlyAsync() => new("this stream would block a thread");
}
