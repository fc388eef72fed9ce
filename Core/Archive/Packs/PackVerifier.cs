using System.Buffers;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Packs;

/// <summary>
/// Opens again what was just sealed, from the bytes that will be kept: a pack whose keys, sizes or memory went wrong
/// while it was written must not be relied on, because the spool's copy is deleted afterwards.
/// </summary>
public static class PackVerifier
{
    /// <summary>Larger messages are verified as streams.</summary>
    private const int InMemoryBytesMax = 4 << 20;

    private const int PieceBytes = 256 << 10;

    /// <summary>
    /// Opens, decompresses and hashes every record; their preambles, in order, for the caller to compare with what it
    /// meant to keep. Throws <see cref="SealException"/> at the first record that isn't whole.
    /// </summary>
    /// <param name="leafKey">The key of a leaf, disposed of here; null: the leaf isn't held, which is a fault.</param>
    public static async ValueTask<IReadOnlyList<Preamble>> VerifyAsync(
        PackReader pack, Func<uint, Secret?> leafKey, CancellationToken cancel)
    {
        var preambles = new List<Preamble>(pack.Records.Count);
        foreach (var record in pack.Records)
        {
            using var key = leafKey(record.Leaf)
                ?? throw new SealException(SealFault.Punctured, $"leaf {record.Leaf} isn't held");
            preambles.Add(record.MessageLength <= InMemoryBytesMax
                ? await OpenAsync(pack, record, key, cancel)
                : await StreamAsync(pack, record, key, cancel));
        }
        return preambles;
    }

    private static async ValueTask<Preamble> OpenAsync(
        PackReader pack, PackRecord record, Secret key, CancellationToken cancel)
    {
        var message = await pack.ReadMessageAsync(record.Number, cancel);
        var payload = SealedMessage.Open(key.Span, message, out var header);
        return MessagePayload.Decode(header, payload).Preamble;
    }

    private static async ValueTask<Preamble> StreamAsync(
        PackReader pack, PackRecord record, Secret key, CancellationToken cancel)
    {
        var message = await pack.OpenMessageAsync(record.Number, cancel);
        var payload = SealedMessage.OpenBody(key.Span, message.Header, message.Body);
        await using var raw = await PayloadReader.OpenAsync(
            message.Header, payload, MessagePayload.RawBytesMax, cancel);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            while (await raw.ReadAsync(piece, cancel) > 0) { }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece, clearArray: true);
        }
        return raw.Preamble;
    }
}
