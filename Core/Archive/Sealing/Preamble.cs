using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Archive.Sealing;

/// <summary>
/// What is sealed in front of a message (docs/formats/preamble.md): how it came, and what proves later that it is what
/// came. It dies with the message, so nothing outside can confirm a guess about it.
/// </summary>
/// <param name="Opening">32 random bytes: opens <see cref="MessagePayload.ContentCommit"/>.</param>
/// <param name="RawSha256">SHA-256 of the message as received; in a delivery, of the record that it repeats.</param>
/// <param name="RawLength">Its length in bytes; in a delivery, that of the record that it repeats.</param>
/// <param name="LinkTag">32 bytes that unite journal reports of one message; null when there is none.</param>
/// <param name="Flags">What was odd about the message: bits defined by the parser, carried here as they are.</param>
public sealed record Preamble(
    byte[] Opening, byte[] RawSha256, long RawLength, Envelope Envelope, DeliveryId Delivery, byte[]? LinkTag,
    uint Flags)
{
    public const int OpeningBytes = 32;
    public const int LinkTagBytes = 32;

    /// <summary>Of an encoded preamble: an envelope's most, and the rest.</summary>
    public const int BytesMax = EnvelopeLimits.BytesMax + 4096;
}
