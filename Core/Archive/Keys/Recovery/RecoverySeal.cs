using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Recovery;

/// <summary>
/// The region's root key, sealed to the recovery key's public half ("AMD1", docs/formats/recovery-share.md): whoever has
/// the private half opens it, and with it all that the root key wraps. Erasure keys are not among that.
/// </summary>
public static class RecoverySeal
{
    private const int PublicAt = 8;
    private const int BlobAt = PublicAt + KeyAgreement.KeyBytes;

    private static ReadOnlySpan<byte> Magic => [(byte)'A', (byte)'M', (byte)'D', (byte)'1', 1, 0, 0, 0];
    private static ReadOnlySpan<byte> Info => "ama/recovery-seal@v1\0"u8;

    public static byte[] Seal(Secret rootKey, ReadOnlySpan<byte> recoveryPublic, Region region, IRandom random)
    {
        var (ephemeral, ephemeralPublic) = KeyAgreement.NewPair(random);
        using (ephemeral)
        using (var shared = KeyAgreement.Agree(ephemeral, recoveryPublic))
        using (var key = KeyOf(shared, ephemeralPublic, recoveryPublic))
        {
            var wrapped = KeyBlob.Wrap(
                key, IdOf(recoveryPublic), 1, KeyType.RegionRoot, KeyContext.Of(KeyType.RegionRoot, region),
                rootKey.Span, random);
            return [.. Magic, .. ephemeralPublic, .. wrapped];
        }
    }

    /// <summary>Throws <see cref="SealException"/>: another key's, or damaged.</summary>
    public static Secret Open(ReadOnlySpan<byte> blob, Secret recoveryPrivate, Region region)
    {
        SealException.Unless(blob.Length > BlobAt, SealFault.Truncated, "no whole recovery blob");
        SealException.Unless(blob[..PublicAt].SequenceEqual(Magic), SealFault.Format, "not a recovery blob");
        var ephemeral = blob[PublicAt..BlobAt];
        var recoveryPublic = KeyAgreement.PublicOf(recoveryPrivate);
        using var shared = KeyAgreement.Agree(recoveryPrivate, ephemeral);
        using var key = KeyOf(shared, ephemeral, recoveryPublic);
        return KeyBlob.Unwrap(
            key, IdOf(recoveryPublic), blob[BlobAt..], KeyType.RegionRoot, KeyContext.Of(KeyType.RegionRoot, region));
    }

    private static Guid IdOf(ReadOnlySpan<byte> recoveryPublic) =>
        new(SHA256.HashData(recoveryPublic).AsSpan(0, 16), bigEndian: true);

    private static Secret KeyOf(Secret shared, ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> recoveryPublic)
    {
        var salt = SHA256.HashData([.. ephemeral, .. recoveryPublic]);
        return Secret.Make(KeyAgreement.KeyBytes, (shared, salt), static (from, key) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, from.shared.Span, key, from.salt, Info));
    }
}
