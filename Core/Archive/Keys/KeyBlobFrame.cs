using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys;

/// <summary>The open part of a wrapped key.</summary>
/// <param name="Algorithm">1 AES-256-GCM in software, 2 AES-256-GCM in a hardware module, 3 RSA-OAEP-256.</param>
/// <param name="Length">Bytes before the nonce or, with algorithm 3, before the ciphertext.</param>
public sealed record KeyBlobHead(
    byte Algorithm, KeyType Type, Guid WrappingKeyId, uint WrappingVersion, string Context, int Length);

/// <summary>
/// Everything of a wrapped key (docs/formats/AMK1.md) but the cipher, which runs here (<see cref="KeyBlob"/>), in a
/// hardware module or in a vault. Faults are <see cref="SealException"/>.
/// </summary>
public static class KeyBlobFrame
{
    public const byte SoftwareGcm = 1;
    public const byte ModuleGcm = 2;
    public const byte RsaOaep256 = 3;

    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    /// <summary>Ciphertexts of RSA-2048 to RSA-4096.</summary>
    private const int RsaBytesMin = 256;
    private const int RsaBytesMax = 512;

    private const byte Version = 1;
    private const int FixedBytes = 30;
    private const int HashBytes = SHA256.HashSizeInBytes;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Magic => "AMK1"u8;

    /// <summary>The bytes before the nonce: a cipher's associated data.</summary>
    public static byte[] Head(byte algorithm, Guid wrappingKeyId, uint wrappingVersion, KeyType type, string context)
    {
        var bound = Encoding.UTF8.GetBytes(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound.Length, KeyBlob.ContextBytesMax);
        if (!Enum.IsDefined(type)) throw new ArgumentOutOfRangeException(nameof(type));
        var head = new byte[FixedBytes + bound.Length];
        Magic.CopyTo(head);
        head[4] = Version;
        head[5] = algorithm;
        head[6] = (byte)type;
        wrappingKeyId.TryWriteBytes(head.AsSpan(8), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(24), wrappingVersion);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(28), (ushort)bound.Length);
        bound.CopyTo(head, FixedBytes);
        return head;
    }

    /// <summary>What a cipher gets: key ‖ SHA-256(context). The caller disposes it.</summary>
    public static Secret Plain(ReadOnlySpan<byte> key, string context)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyBlob.KeyBytesMax);
        return Secret.Make(key.Length + HashBytes, new Bound(key, context), static (parts, bytes) =>
        {
            parts.Key.CopyTo(bytes);
            SHA256.HashData(Encoding.UTF8.GetBytes(parts.Context), bytes[parts.Key.Length..]);
        });
    }

    /// <summary>The key in what a cipher gave back, after its context was found to be the caller's.</summary>
    public static Secret KeyIn(Secret plain, string context)
    {
        SealException.Unless(plain.Length > HashBytes, SealFault.Truncated, "no whole key");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(context));
        SealException.Unless(plain.Span[^HashBytes..].SequenceEqual(hash), SealFault.Context, "another context inside");
        return Secret.Copy(plain.Span[..^HashBytes]);
    }

    /// <summary>The head, if it says what the caller knows already; type and context are never taken from it.</summary>
    public static KeyBlobHead Expect(ReadOnlySpan<byte> blob, byte algorithm, KeyType type, string context)
    {
        var head = Peek(blob);
        SealException.Unless(head.Algorithm == algorithm, SealFault.Reserved, "wrapped by another kind of key root");
        SealException.Unless(head.Type == type, SealFault.Context, "a key of another type");
        SealException.Unless(head.Context == context, SealFault.Context, "a key for another place");
        return head;
    }

    /// <summary>What the blob says about itself: not authenticated until it is unwrapped.</summary>
    public static KeyBlobHead Peek(ReadOnlySpan<byte> blob)
    {
        SealException.Unless(blob.Length >= FixedBytes, SealFault.Truncated, "no whole head");
        SealException.Unless(blob[..4].SequenceEqual(Magic), SealFault.Format, "not a wrapped key");
        SealException.Unless(blob[4] == Version, SealFault.Reserved, "unknown version");
        SealException.Unless(blob[5] is >= SoftwareGcm and <= RsaOaep256, SealFault.Reserved, "unknown algorithm");
        SealException.Unless(Enum.IsDefined((KeyType)blob[6]) && blob[7] == 0, SealFault.Reserved, "unknown type");
        var contextBytes = BinaryPrimitives.ReadUInt16BigEndian(blob[28..]);
        SealException.Unless(contextBytes <= KeyBlob.ContextBytesMax, SealFault.Limit, "the context is too long");
        var length = FixedBytes + contextBytes;
        if (blob[5] == RsaOaep256) CheckRsa(blob.Length - length);
        else CheckGcm(blob.Length - length);
        return new KeyBlobHead(
            blob[5], (KeyType)blob[6], new Guid(blob.Slice(8, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt32BigEndian(blob[24..]), ReadContext(blob[FixedBytes..length]), length);
    }

    private static void CheckGcm(int bytes)
    {
        var keyBytes = bytes - NonceBytes - HashBytes - TagBytes;
        SealException.Unless(keyBytes > 0, SealFault.Truncated, "no whole key");
        SealException.Unless(keyBytes <= KeyBlob.KeyBytesMax, SealFault.Limit, "the key is too long");
    }

    private static void CheckRsa(int bytes)
    {
        SealException.Unless(bytes >= RsaBytesMin, SealFault.Truncated, "no whole key");
        SealException.Unless(bytes <= RsaBytesMax, SealFault.Limit, "the key is too long");
    }

    private static string ReadContext(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new SealException(SealFault.Format, "the context is not UTF-8", e);
        }
    }

    private readonly ref struct Bound(ReadOnlySpan<byte> key, string context)
    {
        public ReadOnlySpan<byte> Key { get; } = key;
        public string Context { get; } = context;
    }
}
