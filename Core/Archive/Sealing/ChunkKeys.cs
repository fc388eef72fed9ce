using System.Security.Cryptography;

namespace AMA.Archive.Sealing;

/// <summary>
/// Key derivation of C2SP chunked-encryption: HKDF-Expand over SHA-512 (RFC 5869 §2.3), 76 bytes
/// key32 ‖ nonce12 ‖ commitment32. Written out here because the library's Expand refuses an input key that is shorter
/// than the hash. docs/formats/cobblestone.md.
/// </summary>
public static class ChunkKeys
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;
    public const int CommitmentBytes = 32;
    public const int SaltBytes = 24;

    /// <summary>Length of what <see cref="Derive"/> writes.</summary>
    public const int DerivedBytes = KeyBytes + NonceBytes + CommitmentBytes;

    public const int LabelBytesMax = 64;
    public const int ContextBytesMax = 1024;

    private const int HashBytes = 64;

    /// <summary>The label of Cobblestone-256, its zero byte included.</summary>
    public static ReadOnlySpan<byte> CobblestoneLabel => "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;

    /// <summary>
    /// Derives from a uniformly random 32-byte key. <paramref name="salt"/>: 24 bytes that never repeat under the key.
    /// The caller zeroes <paramref name="derived"/> (76 bytes) and compares the commitment before it decrypts.
    /// </summary>
    public static void Derive(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context,
        Span<byte> derived)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, SaltBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(derived.Length, DerivedBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, LabelBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(context.Length, ContextBytesMax);

        // T(1) ‖ info ‖ 0x02 lies in one buffer: the first block is the HMAC of its tail with 0x01 at the end.
        Span<byte> buffer = stackalloc byte[HashBytes + LabelBytesMax + SaltBytes + ContextBytesMax + 1];
        var length = HashBytes + label.Length + salt.Length + context.Length + 1;
        label.CopyTo(buffer[HashBytes..]);
        salt.CopyTo(buffer[(HashBytes + label.Length)..]);
        context.CopyTo(buffer[(HashBytes + label.Length + salt.Length)..]);

        buffer[length - 1] = 1;
        HMACSHA512.HashData(key, buffer[HashBytes..length], buffer[..HashBytes]);
        buffer[..HashBytes].CopyTo(derived);

        buffer[length - 1] = 2;
        Span<byte> second = stackalloc byte[HashBytes];
        HMACSHA512.HashData(key, buffer[..length], second);
        second[..(DerivedBytes - HashBytes)].CopyTo(derived[HashBytes..]);

        CryptographicOperations.ZeroMemory(buffer[..HashBytes]);
        CryptographicOperations.ZeroMemory(second);
    }
}
