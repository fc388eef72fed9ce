using System.Buffers;
using AMA.Archive.Ids;

namespace AMA.Archive.Sealing;

/// <summary>
/// One message, sealed under its own leaf key: "AMA1" = 128-byte header ‖ Cobblestone-256 of the payload with the
/// context "ama/sealed-message@v1\0" ‖ header. docs/formats/AMA1.md; the payload is <see cref="MessagePayload"/>'s.
/// </summary>
public static class SealedMessage
{
    private static ReadOnlySpan<byte> Label => "ama/sealed-message@v1\0"u8;

    private const int ContextBytes = 22 + AmaHeader.Bytes;

    public static long SealedLength(long payloadLength) => AmaHeader.Bytes + Cobblestone.SealedLength(payloadLength);

    /// <summary>The whole AMA1.</summary>
    public static byte[] Seal(
        ReadOnlySpan<byte> leafKey, AmaHeader header, ReadOnlySpan<byte> payload, IRandom random)
    {
        var message = GC.AllocateUninitializedArray<byte>(checked((int)SealedLength(payload.Length)));
        header.Write(message);
        SealBody(leafKey, message.AsSpan(0, AmaHeader.Bytes), payload, random, message.AsSpan(AmaHeader.Bytes));
        return message;
    }

    /// <summary>
    /// The payload. Throws <see cref="SealException"/>: Truncated, Format, Reserved, Commitment, Authentication.
    /// </summary>
    public static byte[] Open(ReadOnlySpan<byte> leafKey, ReadOnlySpan<byte> message, out AmaHeader header)
    {
        header = AmaHeader.Read(message);
        Span<byte> context = stackalloc byte[ContextBytes];
        WriteContext(message[..AmaHeader.Bytes], context);
        return Cobblestone.Open(leafKey, context, message[AmaHeader.Bytes..]);
    }

    /// <summary>Begins a message of any length: the header and the Cobblestone head stand in the target.</summary>
    public static CobblestoneWriter BeginSeal(
        ReadOnlySpan<byte> leafKey, AmaHeader header, IRandom random, IBufferWriter<byte> target)
    {
        header.Write(target.GetSpan(AmaHeader.Bytes));
        target.Advance(AmaHeader.Bytes);
        return BeginBody(leafKey, header, random, target);
    }

    /// <summary>
    /// The payload as a stream; <paramref name="body"/> gives what follows the header. Whoever reads to the end has
    /// the whole payload, authenticated.
    /// </summary>
    public static CobblestoneReader OpenBody(ReadOnlySpan<byte> leafKey, AmaHeader header, Stream body)
    {
        Span<byte> context = stackalloc byte[ContextBytes];
        WriteContext(header, context);
        return new CobblestoneReader(body, leafKey, context);
    }

    /// <summary>Salt, commitment and chunks, without the header: the form in packs.</summary>
    internal static CobblestoneWriter BeginBody(
        ReadOnlySpan<byte> leafKey, AmaHeader header, IRandom random, IBufferWriter<byte> target)
    {
        Span<byte> context = stackalloc byte[ContextBytes];
        WriteContext(header, context);
        return new CobblestoneWriter(leafKey, context, random, target);
    }

    internal static int SealBody(
        ReadOnlySpan<byte> leafKey, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, IRandom random,
        Span<byte> body)
    {
        Span<byte> context = stackalloc byte[ContextBytes];
        WriteContext(header, context);
        return Cobblestone.Seal(leafKey, context, payload, random, body);
    }

    private static void WriteContext(AmaHeader header, Span<byte> context)
    {
        Label.CopyTo(context);
        header.Write(context[Label.Length..]);
    }

    private static void WriteContext(ReadOnlySpan<byte> header, Span<byte> context)
    {
        Label.CopyTo(context);
        header.CopyTo(context[Label.Length..]);
    }
}
