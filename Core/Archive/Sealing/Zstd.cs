using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace AMA.Archive.Sealing;

/// <summary>
/// zstd frames (RFC 8878) as payloads use them: one frame that states its content size and ends where the payload
/// ends. The size is checked against the caller's limit before memory is spent, so no frame is a bomb.
/// </summary>
internal static class Zstd
{
    public const int Level = 3;

    /// <summary>The largest frame header; a frame that is shorter is given whole.</summary>
    public const int FrameHeadBytes = 18;

    /// <summary>8 MiB: what opening a stream may cost, four times what <see cref="Level"/> uses.</summary>
    public const int WindowLogMax = 23;

    private static readonly ConcurrentBag<Compressor> Compressors = [];
    private static readonly ConcurrentBag<Decompressor> Decompressors = [];

    /// <summary>Idle objects kept of each kind: some MiB each.</summary>
    private static readonly int IdleMax = Environment.ProcessorCount * 2;

    /// <summary>
    /// Writes one frame; its length, or 0 when it would not be shorter than <paramref name="plain"/>.
    /// </summary>
    public static int Compress(ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        // A compressor serves one caller at a time: it is taken out of the bag while it works.
        if (!Compressors.TryTake(out var compressor)) compressor = new Compressor(Level);
        var shorter = destination[..Math.Min(destination.Length, plain.Length)];
        var fits = compressor.TryWrap(plain, shorter, out var written);
        GiveBack(Compressors, compressor);
        return fits && written < plain.Length ? written : 0;
    }

    /// <summary>The whole content. Throws <see cref="SealException"/>: Content, Limit, Truncated, Trailing.</summary>
    public static byte[] Decompress(ReadOnlySpan<byte> frame, long contentBytesMax)
    {
        var size = ContentSize(frame[..Math.Min(frame.Length, FrameHeadBytes)], contentBytesMax);
        CheckEnd(frame);
        var content = GC.AllocateUninitializedArray<byte>(checked((int)size));
        if (!Decompressors.TryTake(out var decompressor)) decompressor = new Decompressor();
        try
        {
            var written = decompressor.Unwrap(frame, content);
            SealException.Unless(written == size, SealFault.Content, "the frame holds less than it states");
        }
        catch (ZstdException e)
        {
            CryptographicOperations.ZeroMemory(content);
            throw new SealException(SealFault.Content, "not a whole zstd frame", e);
        }
        finally
        {
            GiveBack(Decompressors, decompressor);
        }
        return content;
    }

    /// <summary>What the frame states in its first bytes. Throws (Content, Limit).</summary>
    public static unsafe long ContentSize(ReadOnlySpan<byte> head, long contentBytesMax)
    {
        ulong size;
        fixed (byte* bytes = head) size = Methods.ZSTD_getFrameContentSize(bytes, (nuint)head.Length);
        var stated = size is not (unchecked((ulong)-1) or unchecked((ulong)-2));
        SealException.Unless(stated && head.Length > 0, SealFault.Content, "no zstd frame that states its size");
        SealException.Unless(size <= (ulong)contentBytesMax, SealFault.Limit, "the content is larger than allowed");
        return (long)size;
    }

    private static unsafe void CheckEnd(ReadOnlySpan<byte> frame)
    {
        nuint length;
        fixed (byte* bytes = frame) length = Methods.ZSTD_findFrameCompressedSize(bytes, (nuint)frame.Length);
        var cut = Methods.ZSTD_getErrorCode(length) == ZSTD_ErrorCode.ZSTD_error_srcSize_wrong;
        SealException.Unless(!cut, SealFault.Truncated, "the zstd frame is cut short");
        SealException.Unless(!Methods.ZSTD_isError(length), SealFault.Content, "not a whole zstd frame");
        SealException.Unless(length == (nuint)frame.Length, SealFault.Trailing, "bytes follow the zstd frame");
    }

    private static void GiveBack<T>(ConcurrentBag<T> bag, T tool) where T : IDisposable
    {
        if (bag.Count < IdleMax) bag.Add(tool);
        else tool.Dispose();
    }
}
