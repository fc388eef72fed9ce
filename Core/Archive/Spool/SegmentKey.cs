using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Archive.Spool;

/// <summary>
/// segKey = HKDF-SHA-256(shared secret, salt = SHA-256(fixed header ‖ kem ‖ queue public key), info). The gateway has
/// it only while it writes; afterwards only the queue key's private half gives it.
/// </summary>
internal static class SegmentKey
{
    private static ReadOnlySpan<byte> Info => "ama/queue-segment@v1"u8;

    /// <summary>For the reader. Throws <see cref="SegmentException"/> (Format) when the key share is unfit.</summary>
    public static Secret Open(ReadOnlySpan<byte> head, Secret queuePrivate)
    {
        try
        {
            using var shared = KeyAgreement.Agree(queuePrivate, head[SegmentHead.FixedBytes..SegmentHead.Bytes]);
            return Derive(shared, head, KeyAgreement.PublicOf(queuePrivate));
        }
        catch (SealException fault)
        {
            throw new SegmentException(SegmentFault.Format, "the key share has small order", fault);
        }
    }

    /// <summary>For both, from what the two key shares agree on.</summary>
    public static Secret Derive(Secret shared, ReadOnlySpan<byte> head, ReadOnlySpan<byte> queuePublic)
    {
        Span<byte> salted = stackalloc byte[SegmentHead.Bytes + KeyAgreement.KeyBytes];
        head[..SegmentHead.Bytes].CopyTo(salted);
        queuePublic.CopyTo(salted[SegmentHead.Bytes..]);
        Span<byte> salt = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(salted, salt);
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared.Span, key, salt, Info);
        var secret = Secret.Copy(key);
        CryptographicOperations.ZeroMemory(key);
        return secret;
    }
}
