using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Leases;

/// <summary>How a grant's keys are sealed to the silo that asked (docs/formats/lease.md, "Suites").</summary>
public enum LeaseSuite : byte
{
    X25519 = 1,
    /// <summary>X25519 and ML-KEM-768: safe while either of them is.</summary>
    Hybrid = 2,
}

/// <summary>
/// A silo's key pair for answers: made at its start, in memory only. Which suite it is of stands in every request.
/// </summary>
public sealed class LeaseKemPair : IDisposable
{
    private readonly Secret _x25519;
    private readonly Secret? _mlKem;

    private LeaseKemPair(LeaseSuite suite, byte[] publicKey, Secret x25519, Secret? mlKem) =>
        (Suite, PublicKey, _x25519, _mlKem) = (suite, publicKey, x25519, mlKem);

    public LeaseSuite Suite { get; }

    /// <summary>32 bytes, or 32 and 1184.</summary>
    public byte[] PublicKey { get; }

    public static LeaseKemPair Create(LeaseSuite suite, IRandom random)
    {
        var (x25519, publicKey) = KeyAgreement.NewPair(random);
        if (suite == LeaseSuite.X25519) return new(suite, publicKey, x25519, null);
        var (mlKem, mlKemPublic) = MlKem.NewPair(random);
        return new(suite, [.. publicKey, .. mlKemPublic], x25519, mlKem);
    }

    /// <summary>Of a public key of the suite; 0 for a suite this version does not know.</summary>
    public static int PublicBytesOf(LeaseSuite suite) => suite switch
    {
        LeaseSuite.X25519 => KeyAgreement.KeyBytes,
        LeaseSuite.Hybrid => KeyAgreement.KeyBytes + MlKem.PublicBytes,
        _ => 0,
    };

    /// <summary>What the answer's key is derived from, with what lets the silo find it out.</summary>
    internal static (Secret Shared, byte[] Ciphertext) Encapsulate(
        LeaseSuite suite, ReadOnlySpan<byte> publicKey, IRandom random)
    {
        SealException.Unless(
            publicKey.Length > 0 && publicKey.Length == PublicBytesOf(suite), SealFault.Format,
            "the key for answers is not one of its suite");
        var (ephemeral, ephemeralPublic) = KeyAgreement.NewPair(random);
        using (ephemeral)
        {
            var agreed = KeyAgreement.Agree(ephemeral, publicKey[..KeyAgreement.KeyBytes]);
            if (suite == LeaseSuite.X25519) return (agreed, ephemeralPublic);
            using (agreed)
            {
                var (shared, ciphertext) = MlKem.Encapsulate(publicKey[KeyAgreement.KeyBytes..], random);
                using (shared) return (Join(shared, agreed), [.. ephemeralPublic, .. ciphertext]);
            }
        }
    }

    /// <summary>Throws <see cref="SealException"/> (Format, WeakKey) for what was not made for this suite.</summary>
    internal Secret Decapsulate(ReadOnlySpan<byte> ciphertext)
    {
        var whole = KeyAgreement.KeyBytes + (_mlKem is null ? 0 : MlKem.CiphertextBytes);
        SealException.Unless(ciphertext.Length == whole, SealFault.Format, "sealed by another suite");
        var agreed = KeyAgreement.Agree(_x25519, ciphertext[..KeyAgreement.KeyBytes]);
        if (_mlKem is null) return agreed;
        using (agreed)
        using (var shared = MlKem.Decapsulate(_mlKem, ciphertext[KeyAgreement.KeyBytes..]))
            return Join(shared, agreed);
    }

    /// <summary>
    /// What the derivation is bound to beside the request: the suite, both public keys and both ciphertexts.
    /// </summary>
    internal static byte[] Bound(LeaseSuite suite, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ciphertext)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ciphertext);
        hash.AppendData(publicKey);
        return [(byte)suite, .. hash.GetHashAndReset()];
    }

    public void Dispose()
    {
        _x25519.Dispose();
        _mlKem?.Dispose();
    }

    private static Secret Join(Secret first, Secret second) => Secret.Make(
        first.Length + second.Length, (first, second), static (from, destination) =>
        {
            from.first.Span.CopyTo(destination);
            from.second.Span.CopyTo(destination[from.first.Length..]);
        });
}
