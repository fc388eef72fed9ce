using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys;

/// <summary>
/// A key wrapped by another: "AMK1", docs/formats/AMK1.md. The context is bound twice, as associated data and, by its
/// hash, inside: a blob moved to another purpose, tenant or epoch is refused. A wrapping key may wrap 2^32 keys.
/// </summary>
public static class KeyBlob
{
    public const int ContextBytesMax = 512;

    /// <summary>Room for a tree state of some 900,000 nodes.</summary>
    public const int KeyBytesMax = 32 << 20;

    private const int NonceBytes = KeyBlobFrame.NonceBytes;
    private const int TagBytes = KeyBlobFrame.TagBytes;

    /// <param name="context">See <see cref="KeyContext"/>; the caller must know it again to unwrap.</param>
    /// <param name="key">The key's bytes; the caller zeroes them.</param>
    public static byte[] Wrap(
        Secret wrappingKey, Guid wrappingKeyId, uint wrappingVersion, KeyType type, string context,
        ReadOnlySpan<byte> key, IRandom random)
    {
        var head = KeyBlobFrame.Head(KeyBlobFrame.SoftwareGcm, wrappingKeyId, wrappingVersion, type, context);
        using var plain = KeyBlobFrame.Plain(key, context);
        var headBytes = head.Length;
        var blob = new byte[headBytes + NonceBytes + plain.Length + TagBytes];
        head.CopyTo(blob, 0);
        var nonce = blob.AsSpan(headBytes, NonceBytes);
        random.Fill(nonce);

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
        var head = KeyBlobFrame.Expect(blob, KeyBlobFrame.SoftwareGcm, type, context);
        SealException.Unless(head.WrappingKeyId == wrappingKeyId, SealFault.Context, "wrapped by another key");
        using var plain = Secret.Make(
            blob.Length - head.Length - NonceBytes - TagBytes, new Wrapped(wrappingKey.Span, blob, head.Length), Open);
        return KeyBlobFrame.KeyIn(plain, context);
    }

    /// <summary>What the blob says about itself: not authenticated until it is unwrapped.</summary>
    public static KeyBlobHead Peek(ReadOnlySpan<byte> blob) => KeyBlobFrame.Peek(blob);

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

    private readonly ref struct Wrapped(ReadOnlySpan<byte> key, ReadOnlySpan<byte> blob, int headBytes)
    {
        public ReadOnlySpan<byte> Key { get; } = key;
        public ReadOnlySpan<byte> Blob { get; } = blob;
        public int HeadBytes { get; } = headBytes;
    }
}
