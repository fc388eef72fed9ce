using MimeKit.Encodings;

namespace AMA.Mail.Content;

/// <summary>Content-Transfer-Encodings (RFC 2045 §6), by MimeKit's decoders, which take any bytes.</summary>
internal static class TransferDecoding
{
    private const int StepBytes = 16 << 10;

    /// <summary>
    /// Room for a step's output: no encoding decodes to more than it is, but decoders hold some bytes back.
    /// </summary>
    private const int OutputBytes = 2 * StepBytes;

    /// <summary>Null: the bytes stand for themselves.</summary>
    public static IMimeDecoder? For(string encoding) => encoding switch
    {
        "base64" => new Base64Decoder(),
        "quoted-printable" => new QuotedPrintableDecoder(),
        "uuencode" or "x-uuencode" or "x-uue" or "uue" => new UUDecoder(),
        _ => null,
    };

    /// <summary>
    /// The first <paramref name="bytesMax"/> decoded bytes; whether there were more in <paramref name="cut"/>.
    /// </summary>
    public static ReadOnlyMemory<byte> Decode(
        byte[] bytes, int start, int length, string encoding, int bytesMax, out bool cut)
    {
        if (For(encoding) is not { } decoder)
        {
            cut = length > bytesMax;
            return bytes.AsMemory(start, Math.Min(length, bytesMax));
        }
        var output = new byte[Math.Min((long)decoder.EstimateOutputLength(length), bytesMax + (long)OutputBytes)];
        var step = new byte[OutputBytes];
        var done = 0;
        var at = start;
        for (var end = start + length; at < end && done < bytesMax; at += StepBytes)
        {
            var got = decoder.Decode(bytes, at, Math.Min(StepBytes, end - at), step);
            if (done + got > output.Length) Array.Resize(ref output, done + got);
            step.AsSpan(0, got).CopyTo(output.AsSpan(done));
            done += got;
        }
        cut = at < start + length || done > bytesMax;
        return output.AsMemory(0, Math.Min(done, bytesMax));
    }

    /// <summary>How many bytes it decodes to, in constant memory.</summary>
    public static long Measure(byte[] bytes, int start, int length, string encoding)
    {
        if (For(encoding) is not { } decoder) return length;
        var step = new byte[OutputBytes];
        long size = 0;
        for (int at = start, end = start + length; at < end; at += StepBytes)
            size += decoder.Decode(bytes, at, Math.Min(StepBytes, end - at), step);
        return size;
    }
}
