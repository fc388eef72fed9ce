using System.Buffers;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// A pack of one large message, written while it is read: memory stays at a few pieces whatever its length.
/// </summary>
public static class StreamedPack
{
    private const int PieceBytes = 256 << 10;

    /// <summary>
    /// Compresses, seals and writes the whole pack, all but the commit, which is the caller's. <paramref name="raw"/>
    /// must give the very bytes that <paramref name="preamble"/> describes: otherwise <see cref="SealException"/>
    /// (Content), and the blob must not be committed. The header's compression must be zstd.
    /// </summary>
    public static async ValueTask<PackRecord> WriteAsync(
        IBlobWriter blob, PackHeader pack, AmaHeader header, Secret leafKey, Preamble preamble, Stream raw,
        IRandom random, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(header.Compression, AmaCompression.Zstd, nameof(header));
        var buffer = new ArrayBufferWriter<byte>(PieceBytes * 2);
        var writer = new PackWriter(pack, buffer);
        using var record = writer.BeginStreamed(leafKey.Span, header, random);
        using var payload = new PayloadWriter(preamble, record.Sealed);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int count;
            while ((count = await raw.ReadAsync(piece, cancel)) > 0)
            {
                payload.Write(piece.AsSpan(0, count));
                await DrainAsync(buffer, blob, cancel);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece, clearArray: true);
        }
        payload.Finish();
        var listed = writer.EndStreamed(record);
        writer.Finish();
        await DrainAsync(buffer, blob, cancel);
        return listed;
    }

    private static async ValueTask DrainAsync(
        ArrayBufferWriter<byte> buffer, IBlobWriter blob, CancellationToken cancel)
    {
        if (buffer.WrittenCount == 0) return;
        await blob.WriteAsync(buffer.WrittenMemory, cancel);
        buffer.ResetWrittenCount();
    }
}
