using System.Security.Cryptography;
using AMA.Archive.Keys;

namespace AMA.Archive.Sealing;

/// <summary>Keyed tags by which equal content is recognised inside a retention part, and by nobody without its key.</summary>
public static class RecordTags
{
    public const int Bytes = 32;

    /// <summary>Dedupe tag: HMAC-SHA-256(IDK, message as received). docs/formats/AMA1.md.</summary>
    public static byte[] Dedupe(Secret tagKey, ReadOnlySpan<byte> raw) => HMACSHA256.HashData(tagKey.Span, raw);
}
