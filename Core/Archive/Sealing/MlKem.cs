using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;

namespace AMA.Archive.Sealing;

/// <summary>
/// ML-KEM-768 (FIPS 203): what a later quantum computer can't open. Never used alone, always beside X25519. A private
/// key is its 64-byte seed, expanded for each use: the library keeps the expanded form in memory nobody can zero, so it
/// lives there for as short as can be.
/// </summary>
public static class MlKem
{
    public const int SeedBytes = 64;
    public const int PublicBytes = 1184;
    public const int CiphertextBytes = 1088;
    public const int SharedBytes = 32;

    private static readonly MLKemParameters Parameters = MLKemParameters.ml_kem_768;

    public static (Secret Seed, byte[] Public) NewPair(IRandom random)
    {
        var seed = Secret.Random(random, SeedBytes);
        return (seed, PublicOf(seed));
    }

    public static byte[] PublicOf(Secret seed) => Expand(seed, key => key.GetPublicKeyEncoded());

    /// <summary>
    /// A fresh shared secret for the holder of the private key, with what it takes to find it out. Throws
    /// <see cref="SealException"/> (Format, WeakKey) for what is no public key.
    /// </summary>
    public static (Secret Shared, byte[] Ciphertext) Encapsulate(ReadOnlySpan<byte> publicKey, IRandom random)
    {
        SealException.Unless(publicKey.Length == PublicBytes, SealFault.Format, "an ML-KEM public key has 1184 bytes");
        var encapsulator = new MLKemEncapsulator(Parameters);
        encapsulator.Init(new ParametersWithRandom(Read(publicKey), new SecureRandom(new Source(random))));
        var (ciphertext, shared) = (new byte[CiphertextBytes], new byte[SharedBytes]);
        encapsulator.Encapsulate(ciphertext, 0, ciphertext.Length, shared, 0, shared.Length);
        return (Take(shared), ciphertext);
    }

    /// <summary>
    /// The shared secret. A ciphertext for another key, or an altered one, gives another secret: only the AEAD tells.
    /// </summary>
    public static Secret Decapsulate(Secret seed, ReadOnlySpan<byte> ciphertext)
    {
        SealException.Unless(
            ciphertext.Length == CiphertextBytes, SealFault.Format, "an ML-KEM ciphertext has 1088 bytes");
        var sent = ciphertext.ToArray();
        return Expand(seed, key =>
        {
            var decapsulator = new MLKemDecapsulator(Parameters);
            decapsulator.Init(key);
            var shared = new byte[SharedBytes];
            decapsulator.Decapsulate(sent, 0, sent.Length, shared, 0, shared.Length);
            return Take(shared);
        });
    }

    private static T Expand<T>(Secret seed, Func<MLKemPrivateKeyParameters, T> use)
    {
        SealException.Unless(seed.Length == SeedBytes, SealFault.Format, "an ML-KEM seed has 64 bytes");
        var bytes = seed.Span.ToArray();
        try
        {
            return use(MLKemPrivateKeyParameters.FromSeed(Parameters, bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static MLKemPublicKeyParameters Read(ReadOnlySpan<byte> publicKey)
    {
        try
        {
            return MLKemPublicKeyParameters.FromEncoding(Parameters, publicKey.ToArray());
        }
        catch (ArgumentException e)
        {
            throw new SealException(SealFault.WeakKey, "not an ML-KEM public key", e);
        }
    }

    private static Secret Take(byte[] shared)
    {
        var secret = Secret.Copy(shared);
        CryptographicOperations.ZeroMemory(shared);
        return secret;
    }

    /// <summary>The library's randomness comes from ours; it adds nothing of its own.</summary>
    private sealed class Source(IRandom random) : IRandomGenerator
    {
        public void AddSeedMaterial(byte[] seed) { }

        public void AddSeedMaterial(ReadOnlySpan<byte> seed) { }

        public void AddSeedMaterial(long seed) { }

        public void NextBytes(byte[] bytes) => random.Fill(bytes);

        public void NextBytes(byte[] bytes, int start, int len) => random.Fill(bytes.AsSpan(start, len));

        public void NextBytes(Span<byte> bytes) => random.Fill(bytes);
    }
}
