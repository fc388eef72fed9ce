using System.Buffers.Binary;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Leases;

/// <summary>
/// Seals a grant's keys to the key in the asking silo's memory, bound to the request (docs/formats/lease.md, "Sealed
/// keys"). Whoever passes the answer on sees ciphertext only.
/// </summary>
public static class LeaseSeal
{
    public const int KeysMax = 16_384;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int CountBytes = 4;

    private static ReadOnlySpan<byte> Info => "ama/lease-grant@v1\0"u8;

    /// <summary>The grant with <paramref name="keys"/> in it. The keys stay the caller's, to be disposed.</summary>
    /// <param name="grant">Complete but for the two fields this fills; its suite is the request's.</param>
    /// <param name="signedRequest">The request as it was received.</param>
    public static LeaseGrant SealKeys(
        LeaseGrant grant, ReadOnlySpan<byte> signedRequest, byte[] kemPublicKey,
        IReadOnlyList<LeasedKey> keys, IRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, KeysMax);
        var (shared, ciphertext) = LeaseKemPair.Encapsulate(grant.Suite, kemPublicKey, random);
        using (shared)
        using (var derived = Derive(shared, signedRequest, LeaseKemPair.Bound(grant.Suite, kemPublicKey, ciphertext)))
        using (var plain = Secret.Make(CountBytes + keys.Count * LeasedKey.EncodedBytes, keys, Encode))
        using (var gcm = new AesGcm(derived.Span[..KeyBytes], TagBytes))
        {
            var sealedKeys = new byte[plain.Length + TagBytes];
            gcm.Encrypt(
                derived.Span[KeyBytes..], plain.Span, sealedKeys.AsSpan(0, plain.Length),
                sealedKeys.AsSpan(plain.Length), Bound(grant));
            return grant with { KemCiphertext = ciphertext, SealedKeys = sealedKeys };
        }
    }

    /// <summary>
    /// The keys; the caller disposes them. Throws <see cref="SealException"/> when the grant's keys were sealed for
    /// another request or silo, or were altered.
    /// </summary>
    public static LeasedKey[] OpenKeys(LeaseGrant grant, ReadOnlySpan<byte> signedRequest, LeaseKemPair kem)
    {
        var length = grant.SealedKeys.Length - TagBytes;
        if (length < CountBytes) throw new SealException(SealFault.Truncated, "no whole list of keys");
        SealException.Unless(grant.Suite == kem.Suite, SealFault.Context, "sealed by another suite than asked for");
        using var shared = kem.Decapsulate(grant.KemCiphertext);
        using var derived = Derive(
            shared, signedRequest, LeaseKemPair.Bound(kem.Suite, kem.PublicKey, grant.KemCiphertext));
        using var plain = Secret.Make(length, new Opening(grant, derived), Open);
        return Decode(plain.Span);
    }

    private readonly record struct Opening(LeaseGrant Grant, Secret Derived);

    private static void Open(Opening opening, Span<byte> plain)
    {
        using var gcm = new AesGcm(opening.Derived.Span[..KeyBytes], TagBytes);
        var sealedKeys = opening.Grant.SealedKeys.AsSpan();
        try
        {
            gcm.Decrypt(
                opening.Derived.Span[KeyBytes..], sealedKeys[..plain.Length], sealedKeys[plain.Length..], plain,
                Bound(opening.Grant));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new SealException(SealFault.Authentication, "not sealed for this request and silo", e);
        }
    }

    /// <summary>Key and nonce: both fresh for every grant, since the ephemeral key is.</summary>
    private static Secret Derive(Secret shared, ReadOnlySpan<byte> signedRequest, byte[] bound)
    {
        var salt = LeaseRequest.HashOf(signedRequest);
        byte[] info = [.. Info, .. bound];
        return Secret.Make(KeyBytes + NonceBytes, (shared, salt, info), static (from, destination) =>
            HKDF.DeriveKey(HashAlgorithmName.SHA256, from.shared.Span, destination, from.salt, from.info));
    }

    /// <summary>leaseId16 ‖ fence8 ‖ ttl4 ‖ nonce32.</summary>
    private static byte[] Bound(LeaseGrant grant)
    {
        var bytes = new byte[28 + grant.RequestNonce.Length];
        grant.LeaseId.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), grant.Fence);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(24), grant.TtlSeconds);
        grant.RequestNonce.CopyTo(bytes.AsSpan(28));
        return bytes;
    }

    private static void Encode(IReadOnlyList<LeasedKey> keys, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Key.Length != LeasedKey.KeyBytes) throw new ArgumentException("a leased key has 32 bytes");
            keys[i].Write(destination.Slice(CountBytes + i * LeasedKey.EncodedBytes, LeasedKey.EncodedBytes));
        }
    }

    private static LeasedKey[] Decode(ReadOnlySpan<byte> plain)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(plain);
        if (count is < 0 or > KeysMax || plain.Length != CountBytes + (long)count * LeasedKey.EncodedBytes)
            throw new SealException(SealFault.Format, "not a list of keys");
        var keys = new LeasedKey[count];
        for (var i = 0; i < count; i++)
        {
            if (!Enum.IsDefined((LeasedKeyKind)plain[CountBytes + i * LeasedKey.EncodedBytes]))
                throw new SealException(SealFault.Reserved, "a key of an unknown kind");
        }
        for (var i = 0; i < count; i++)
            keys[i] = LeasedKey.Read(plain[(CountBytes + i * LeasedKey.EncodedBytes)..]);
        return keys;
    }
}
