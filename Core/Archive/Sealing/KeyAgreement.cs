using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using NSec.Cryptography;

namespace AMA.Archive.Sealing;

/// <summary>X25519 (RFC 7748): queue segments and leases. Keys are 32 raw bytes.</summary>
public static class KeyAgreement
{
    public const int KeyBytes = 32;

    private static readonly X25519 Algorithm = NSec.Cryptography.KeyAgreementAlgorithm.X25519;

    public static (Secret Private, byte[] Public) NewPair(IRandom random)
    {
        var secret = Secret.Random(random, KeyBytes);
        return (secret, PublicOf(secret));
    }

    public static byte[] PublicOf(Secret privateKey)
    {
        using var key = Key.Import(Algorithm, privateKey.Span, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>
    /// The raw shared secret, for a KDF only. Throws <see cref="SealException"/> (WeakKey) for a peer key of small
    /// order, whose shared secret is zero for everybody, and (Format) for one that isn't 32 bytes.
    /// </summary>
    public static Secret Agree(Secret privateKey, ReadOnlySpan<byte> peerPublic)
    {
        using var key = Key.Import(Algorithm, privateKey.Span, KeyBlobFormat.RawPrivateKey);
        return Agree(key, peerPublic);
    }

    /// <summary>
    /// What <see cref="NewPair"/> and <see cref="Agree(Secret, ReadOnlySpan{byte})"/> give together, with a private key
    /// that nobody keeps, at two thirds of their cost.
    /// </summary>
    public static (Secret Shared, byte[] Public) AgreeOnce(IRandom random, ReadOnlySpan<byte> peerPublic)
    {
        using var secret = Secret.Random(random, KeyBytes);
        using var key = Key.Import(Algorithm, secret.Span, KeyBlobFormat.RawPrivateKey);
        return (Agree(key, peerPublic), key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    private static Secret Agree(Key key, ReadOnlySpan<byte> peerPublic)
    {
        SealException.Unless(peerPublic.Length == KeyBytes, SealFault.Format, "a public key has 32 bytes");
        var exportable = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        if (!PublicKey.TryImport(Algorithm, peerPublic, KeyBlobFormat.RawPublicKey, out var peer)
            || peer is null
            || Algorithm.Agree(key, peer, in exportable) is not { } shared)
            throw new SealException(SealFault.WeakKey, "the peer's public key has small order");
        using (shared) return Raw(shared);
    }

    private static Secret Raw(SharedSecret shared)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes];
        var done = shared.TryExport(SharedSecretBlobFormat.RawSharedSecret, bytes, out var length);
        if (!done || length != KeyBytes) throw new CryptographicException("the shared secret could not be read");
        var secret = Secret.Copy(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }
}
