using System.Security.Cryptography;
using NSec.Cryptography;

namespace AMA.Archive.Keys.Roots;

/// <summary>What opens a software key root: a passphrase, or a credential that the operating system hands over.</summary>
/// <param name="Kind">How the secret becomes a key.</param>
/// <param name="Secret">The passphrase's bytes, or at least 32 random bytes. The caller disposes it.</param>
public sealed record SoftwareUnlock(UnlockKind Kind, Secret Secret)
{
    public const int CredentialBytesMin = 32;

    /// <summary>The cost of a new root's passphrase, KiB; stands in its head. Tests take less.</summary>
    public uint MemoryKiB { get; init; } = 256 << 10;

    /// <summary>Where the operator set it, for messages.</summary>
    public string Source { get; init; } = "the passphrase";
}

/// <summary>The numbers stand in root.amr1.</summary>
public enum UnlockKind : byte
{
    /// <summary>Argon2id: slow on purpose, for what people can remember.</summary>
    Passphrase = 1,

    /// <summary>HKDF-SHA-256: for bytes nobody can guess.</summary>
    Credential = 2,
}

/// <summary>From a secret and a head's parameters to the key that opens the head.</summary>
internal static class UnlockKey
{
    private const int KeyBytes = 32;

    public static Secret Derive(SoftwareUnlock unlock, RootHead head) =>
        Secret.Make(KeyBytes, (unlock, head), static (from, key) =>
        {
            var secret = from.unlock.Secret.Span;
            if (from.unlock.Kind == UnlockKind.Passphrase) Argon2(secret, from.head, key);
            else
                System.Security.Cryptography.HKDF.DeriveKey(
                    HashAlgorithmName.SHA256, secret, key, from.head.Salt, "ama/root-credential@v1"u8);
        });

    private static void Argon2(ReadOnlySpan<byte> passphrase, RootHead head, Span<byte> key) =>
        PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1, MemorySize = head.MemoryKiB, NumberOfPasses = head.Passes,
        }).DeriveBytes(passphrase, head.Salt, key);
}
