using System.Security.Cryptography;

namespace AMA.Archive.Sealing;

/// <summary>
/// The raw message out of a payload of any length. Whoever reads to the end has the bytes that came: the last read
/// throws <see cref="SealException"/> (Content) when their hash isn't the preamble's. Not thread-safe.
/// </summary>
public sealed class PayloadReader : Stream
{
    private readonly Stream _content;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _left;
    private bool _checked;

    private PayloadReader(Stream content, Preamble preamble, bool deliveryOnly)
    {
        _content = content;
        Preamble = preamble;
        _left = deliveryOnly ? 0 : preamble.RawLength;
        _checked = deliveryOnly;
    }

    public Preamble Preamble { get; }

    /// <summary>
    /// Reads the preamble; the rest follows by reading. <paramref name="payload"/> (usually a
    /// <see cref="CobblestoneReader"/>) is disposed with the reader, or at once when this throws.
    /// </summary>
    public static async ValueTask<PayloadReader> OpenAsync(
        AmaHeader header, Stream payload, long rawBytesMax, CancellationToken cancel)
    {
        var content = header.Compression == AmaCompression.Zstd
            ? new ZstdReader(payload, Preamble.BytesMax + rawBytesMax)
            : payload;
        try
        {
            var bytes = await ReadPreambleAsync(content, cancel);
            var preamble = PreambleCodec.Decode(bytes, out _);
            var follows = content is ZstdReader zstd
                ? zstd.ContentSize - bytes.Length
                : header.IsDeliveryOnly ? 0 : preamble.RawLength;
            MessagePayload.CheckLength(header, preamble, follows, rawBytesMax);
            return new PayloadReader(content, preamble, header.IsDeliveryOnly);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
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
        if (buffer.Length == 0) return 0;
        if (_left == 0) return AtEnd(_content.Read(new byte[1]));
        var count = _content.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        return Took(buffer[..count]);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        if (_left == 0) return AtEnd(await _content.ReadAsync(new byte[1], cancellationToken));
        var count = await _content.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        return Took(buffer.Span[..count]);
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            _content.Dispose();
        }
        base.Dispose(disposing);
    }

    private static async ValueTask<byte[]> ReadPreambleAsync(Stream content, CancellationToken cancel)
    {
        var head = new byte[PreambleCodec.HeadBytes];
        var count = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancel);
        var bytes = new byte[PreambleCodec.LengthOf(head.AsSpan(0, count))];
        head.CopyTo(bytes, 0);
        var rest = bytes.AsMemory(head.Length);
        count = await content.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancel);
        SealException.Unless(count == rest.Length, SealFault.Truncated, "the preamble is cut short");
        return bytes;
    }

    private int Took(ReadOnlySpan<byte> raw)
    {
        SealException.Unless(raw.Length > 0, SealFault.Truncated, "less than the whole message");
        _hash.AppendData(raw);
        _left -= raw.Length;
        return raw.Length;
    }

    private int AtEnd(int more)
    {
        SealException.Unless(more == 0, SealFault.Trailing, "bytes follow the message");
        if (_checked) return 0;
        var same = _hash.GetHashAndReset().AsSpan().SequenceEqual(Preamble.RawSha256);
        SealException.Unless(same, SealFault.Content, "the message isn't the one that came");
        _checked = true;
        return 0;
    }
}
