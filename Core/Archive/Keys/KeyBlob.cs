using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys;

/// <summary>The open part of a wrapped key.</summary>
/// <param name="Algorithm">1 AES-256-GCM in software; 2 (in the HSM) and 3 (RSA-OAEP-256) are kept for their
/// issues.</param>
public sealed record KeyBlobHead(
    byte Algorithm, KeyType Type, Guid WrappingKeyId, uint WrappingVersion, string Context, int Length);

/// <summary>
/// A key wrapped by another: "AMK1", docs/formats/AMK1.md. The context is bound twice, as associated data and, by its
/// hash, inside: a blob moved to another purpose, tenant or epoch is refused. A wrapping key may wrap 2^32 keys.
/// </summary>
public static class KeyBlob
{
    public const int ContextBytesMax = 512;

    /// <summary>Room for a tree state of some 900,000 nodes.</summary>
    public const int KeyBytesMax = 32 << 20;

    private const byte Version = 1;
    private const byte SoftwareGcm = 1;
    private const int FixedBytes = 30;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HashBytes = SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "AMK1"u8;

    /// <param name="context">See <see cref="KeyContext"/>; the caller must know it again to unwrap.</param>
    /// <param name="key">The key's bytes; the caller zeroes them.</param>
    public static byte[] Wrap(
        Secret wrappingKey, Guid wrappingKeyId, uint wrappingVersion, KeyType type, string context,
        ReadOnlySpan<byte> key, IRandom random)
    {
        var bound = Encoding.UTF8.GetBytes(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound.Length, ContextBytesMax);
        ArgumentOutOfRangeException.ThrowIfZero(key.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyBytesMax);
        if (!Enum.IsDefined(type)) throw new ArgumentOutOfRangeException(nameof(type));

        var headBytes = FixedBytes + bound.Length;
        var blob = new byte[headBytes + NonceBytes + key.Length + HashBytes + TagBytes];
        WriteHead(blob, wrappingKeyId, wrappingVersion, type, bound);
        var nonce = blob.AsSpan(headBytes, NonceBytes);
        random.Fill(nonce);

        using var plain = Plain(key, bound);
        using var gcm = new AesGcm(wrappingKey.Span, TagBytes);
        gcm.Encrypt(
            nonce, plain.Span, blob.AsSpan(headBytes + NonceBytes, plain.Length), blob.AsSpan(^TagBytes..),
            blob.AsSpan(0, headBytes));
        return blob;
    }

    /// <summary>
    /// The key, after everything the blob says about itself was found to be what the caller expects. Throws
    /// <see cref="SealException"/>: Format, Reserved, Truncated, Context, Authentication.
    /// </summary>
    public static Secret Unwrap(
        Secret wrappingKey, Guid wrappingKeyId, ReadOnlySpan<byte> blob, KeyType type, string context)
    {
        var head = Peek(blob);
        SealException.Unless(head.Algorithm == SoftwareGcm, SealFault.Reserved, "wrapped by a device");
        SealException.Unless(head.Type == type, SealFault.Context, "a key of another type");
        SealException.Unless(head.WrappingKeyId == wrappingKeyId, SealFault.Context, "wrapped by another key");
        SealException.Unless(head.Context == context, SealFault.Context, "a key for another place");

        using var plain = Secret.Make(
            blob.Length - head.Length - NonceBytes - TagBytes, new Wrapped(wrappingKey.Span, blob, head.Length), Open);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(context));
        SealException.Unless(plain.Span[^HashBytes..].SequenceEqual(hash), SealFault.Context, "another context inside");
        return Secret.Copy(plain.Span[..^HashBytes]);
    }

    /// <summary>What the blob says about itself: not authenticated until it is unwrapped.</summary>
    public static KeyBlobHead Peek(ReadOnlySpan<byte> blob)
    {
        SealException.Unless(blob.Length >= FixedBytes, SealFault.Truncated, "no whole head");
        SealException.Unless(blob[..4].SequenceEqual(Magic), SealFault.Format, "not a wrapped key");
        SealException.Unless(blob[4] == Version, SealFault.Reserved, "unknown version");
        SealException.Unless(blob[5] is >= 1 and <= 3, SealFault.Reserved, "unknown algorithm");
        SealException.Unless(Enum.IsDefined((KeyType)blob[6]) && blob[7] == 0, SealFault.Reserved, "unknown type");
        var contextBytes = BinaryPrimitives.ReadUInt16BigEndian(blob[28..]);
        SealException.Unless(contextBytes <= ContextBytesMax, SealFault.Limit, "the context is too long");
        var length = FixedBytes + contextBytes;
        var keyBytes = blob.Length - length - NonceBytes - HashBytes - TagBytes;
        SealException.Unless(keyBytes > 0, SealFault.Truncated, "no whole key");
        SealException.Unless(keyBytes <= KeyBytesMax, SealFault.Limit, "the key is too long");
        return new KeyBlobHead(
            blob[5], (KeyType)blob[6], new Guid(blob.Slice(8, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt32BigEndian(blob[24..]), ReadContext(blob[FixedBytes..length]), length);
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

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

    private static void WriteHead(Span<byte> blob, Guid id, uint version, KeyType type, ReadOnlySpan<byte> context)
    {
        Magic.CopyTo(blob);
        blob[4] = Version;
        blob[5] = SoftwareGcm;
        blob[6] = (byte)type;
        id.TryWriteBytes(blob[8..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(blob[24..], version);
        BinaryPrimitives.WriteUInt16BigEndian(blob[28..], (ushort)context.Length);
        context.CopyTo(blob[FixedBytes..]);
    }

    private static Secret Plain(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        var plain = new Bound(key, context);
        return Secret.Make(key.Length + HashBytes, plain, static (parts, bytes) =>
        {
            parts.Key.CopyTo(bytes);
            SHA256.HashData(parts.Context, bytes[parts.Key.Length..]);
        });
    }

    private static void Open(Wrapped wrapped, Span<byte> plain)
    {
        var sealedKey = wrapped.Blob[(wrapped.HeadBytes + NonceBytes)..];
        using var gcm = new AesGcm(wrapped.Key, TagBytes);
        try
        {
            gcm.Decrypt(
                wrapped.Blob.Slice(wrapped.HeadBytes, NonceBytes), sealedKey[..^TagBytes], sealedKey[^TagBytes..],
                plain, wrapped.Blob[..wrapped.HeadBytes]);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new SealException(SealFault.Authentication, "not what this key wrapped", e);
        }
    }

    private readonly ref struct Bound(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        public ReadOnlySpan<byte> Key { get; } = key;
        public ReadOnlySpan<byte> Context { get; } = context;
    }

    private readonly ref struct Wrapped(ReadOnlySpan<byte> key, ReadOnlySpan<byte> blob, int headBytes)
    {
        public ReadOnlySpan<byte> Key { get; } = key;
        public ReadOnlySpan<byte> Blob { get; } = blob;
        public int HeadBytes { get; } = headBytes;
    }
}
