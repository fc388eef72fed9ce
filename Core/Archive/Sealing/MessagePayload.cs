using System.Buffers;
using System.Security.Cryptography;

namespace AMA.Archive.Sealing;

/// <summary>
/// What a sealed message holds: preamble ‖ raw message, compressed with zstd when that is shorter. Every reading
/// checks the raw bytes against the preamble's hash. Streams: <see cref="PayloadWriter"/>, <see cref="PayloadReader"/>.
/// docs/formats/preamble.md.
/// </summary>
public static class MessagePayload
{
    /// <summary>The largest message of all: what SMTP takes, with room.</summary>
    public const long RawBytesMax = 1L << 30;

    private static ReadOnlySpan<byte> CommitLabel => "ama/content@v1\0"u8;

    /// <summary>
    /// The payload of a whole message, and how it is compressed: for the header. Throws <see cref="SealException"/>
    /// (Content) when the preamble speaks of another length than that of <paramref name="raw"/>.
    /// </summary>
    public static byte[] Encode(Preamble preamble, ReadOnlySpan<byte> raw, out byte compression)
    {
        SealException.Unless(raw.Length == preamble.RawLength, SealFault.Content, "the preamble is another message's");
        return Pack(PreambleCodec.Encode(preamble), raw, out compression);
    }

    /// <summary>
    /// The payload of a further delivery: the preamble alone, with the hash and length of what it repeats.
    /// </summary>
    public static byte[] EncodeDelivery(Preamble preamble, out byte compression) =>
        Pack(PreambleCodec.Encode(preamble), default, out compression);

    /// <summary>
    /// Preamble and raw bytes (empty in a delivery). Throws <see cref="SealException"/>: Content, Format, Reserved,
    /// Truncated, Trailing, Limit when the message is longer than <paramref name="rawBytesMax"/>.
    /// </summary>
    public static (Preamble Preamble, ReadOnlyMemory<byte> Raw) Decode(
        AmaHeader header, ReadOnlyMemory<byte> payload, long rawBytesMax = RawBytesMax)
    {
        var content = header.Compression == AmaCompression.Zstd
            ? Zstd.Decompress(payload.Span, Preamble.BytesMax + rawBytesMax)
            : payload;
        var preamble = PreambleCodec.Decode(content.Span, out var read);
        var raw = content[read..];
        CheckLength(header, preamble, raw.Length, rawBytesMax);
        var same = header.IsDeliveryOnly || SHA256.HashData(raw.Span).AsSpan().SequenceEqual(preamble.RawSha256);
        SealException.Unless(same, SealFault.Content, "the message isn't the one that came");
        return (preamble, raw);
    }

    /// <summary>
    /// What the log says about a message without telling it: HMAC-SHA-256(opening, "ama/content@v1\0" ‖ SHA-256(raw)).
    /// Without the opening, which is sealed, nobody can confirm a guess.
    /// </summary>
    public static byte[] ContentCommit(ReadOnlySpan<byte> opening, ReadOnlySpan<byte> rawSha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(opening.Length, Preamble.OpeningBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rawSha256.Length, SHA256.HashSizeInBytes);
        return HMACSHA256.HashData(opening, [.. CommitLabel, .. rawSha256]);
    }

    /// <param name="rawLength">What follows the preamble, or will.</param>
    internal static void CheckLength(AmaHeader header, Preamble preamble, long rawLength, long rawBytesMax)
    {
        SealException.Unless(preamble.RawLength <= rawBytesMax, SealFault.Limit, "the message is longer than allowed");
        var due = header.IsDeliveryOnly ? 0 : preamble.RawLength;
        SealException.Unless(rawLength >= due, SealFault.Truncated, "less than the whole message");
        SealException.Unless(rawLength == due, SealFault.Trailing, "bytes follow the message");
    }

    private static byte[] Pack(ReadOnlySpan<byte> preamble, ReadOnlySpan<byte> raw, out byte compression)
    {
        var length = preamble.Length + raw.Length;
        var plain = ArrayPool<byte>.Shared.Rent(length);
        var packed = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            preamble.CopyTo(plain);
            raw.CopyTo(plain.AsSpan(preamble.Length));
            var written = Zstd.Compress(plain.AsSpan(0, length), packed);
            compression = written > 0 ? AmaCompression.Zstd : AmaCompression.None;
            return written > 0 ? packed.AsSpan(0, written).ToArray() : plain.AsSpan(0, length).ToArray();
        }
        finally
        {
            // The pool's next user is anybody in the process.
            CryptographicOperations.ZeroMemory(plain.AsSpan(0, length));
            CryptographicOperations.ZeroMemory(packed.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(packed);
        }
    }
}
