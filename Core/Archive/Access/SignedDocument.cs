using System.Text;
using AMA.Archive.Keys;
using NSec.Cryptography;

namespace AMA.Archive.Access;

/// <summary>
/// A document signed by Control (docs/formats/signed-documents.md): the 64-byte Ed25519 signature over label, a zero
/// byte and body, then the body, exactly as sent. The label names kind and version, so a document signed as one kind
/// never passes for another.
/// </summary>
public static class SignedDocument
{
    public const int SignatureBytes = 64;
    public const int PublicKeyBytes = 32;
    public const int SeedBytes = 32;

    /// <summary>Signing keys that count at one time; more than ever do.</summary>
    public const int KeysMax = 4;

    /// <summary>A directory of some 100,000 addresses is a quarter of it.</summary>
    public const int BodyBytesMax = 64 << 20;

    private static readonly Ed25519 Ed25519 = SignatureAlgorithm.Ed25519;

    /// <param name="seed">The signing key's 32-byte seed.</param>
    public static byte[] Sign(Secret seed, string label, ReadOnlySpan<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, BodyBytesMax);
        return [.. SignBytes(seed, Signable(label, body)), .. body];
    }

    /// <summary>False for anything but a whole document of this label, signed by one of these keys.</summary>
    /// <param name="publicKeys">
    /// One to <see cref="KeysMax"/> raw public keys, one behind the other: two while one succeeds the other.
    /// </param>
    /// <param name="body">A slice of <paramref name="signed"/>.</param>
    public static bool TryVerify(
        ReadOnlySpan<byte> publicKeys, string label, ReadOnlyMemory<byte> signed, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (signed.Length is <= SignatureBytes or > SignatureBytes + BodyBytesMax) return false;
        var candidate = signed[SignatureBytes..];
        if (!IsSigned(publicKeys, Signable(label, candidate.Span), signed.Span[..SignatureBytes])) return false;
        body = candidate;
        return true;
    }

    private static bool IsSigned(ReadOnlySpan<byte> publicKeys, byte[] bytes, ReadOnlySpan<byte> signature)
    {
        if (publicKeys.Length > KeysMax * PublicKeyBytes || publicKeys.Length % PublicKeyBytes != 0) return false;
        for (; publicKeys.Length > 0; publicKeys = publicKeys[PublicKeyBytes..])
            if (VerifyBytes(publicKeys[..PublicKeyBytes], bytes, signature)) return true;
        return false;
    }

    /// <summary>
    /// Only the signature, over exactly these bytes: for texts of another standard, none of which may begin like a label
    /// and its zero byte.
    /// </summary>
    internal static byte[] SignBytes(Secret seed, ReadOnlySpan<byte> bytes)
    {
        using var key = Key.Import(Ed25519, seed.Span, KeyBlobFormat.RawPrivateKey);
        return Ed25519.Sign(key, bytes);
    }

    internal static bool VerifyBytes(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && Ed25519.Verify(key!, bytes, signature);

    /// <summary>The raw 32-byte public key that belongs to <paramref name="seed"/>.</summary>
    public static byte[] PublicKeyOf(Secret seed)
    {
        using var key = Key.Import(Ed25519, seed.Span, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    private static byte[] Signable(string label, ReadOnlySpan<byte> body)
    {
        var labelBytes = Encoding.ASCII.GetByteCount(label);
        var bytes = new byte[labelBytes + 1 + body.Length];
        Encoding.ASCII.GetBytes(label, bytes);
        body.CopyTo(bytes.AsSpan(labelBytes + 1));
        return bytes;
    }
}
