using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Archive.Sealing;

/// <summary>
/// C2SP chunked-encryption "Cobblestone-256": salt24 ‖ commitment32 ‖ chunks of 16 KiB + 16, the last always shorter
/// and maybe empty. The context (at most <see cref="ChunkKeys.ContextBytesMax"/>) is bound through the key, so there
/// is no associated data. docs/formats/cobblestone.md. Streams: <see cref="CobblestoneWriter"/> and
/// <see cref="CobblestoneReader"/>.
/// </summary>
public static class Cobblestone
{
    public const int ChunkShift = 14;
    public const int ChunkBytes = 1 << ChunkShift;
    public const int TagBytes = ChunkCipher.TagBytes;
    public const int SealedChunkBytes = ChunkBytes + TagBytes;

    /// <summary>Salt and commitment.</summary>
    public const int HeadBytes = ChunkKeys.SaltBytes + ChunkKeys.CommitmentBytes;

    public static long SealedLength(long plainLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plainLength);
        return HeadBytes + plainLength + (plainLength / ChunkBytes + 1) * TagBytes;
    }

    /// <summary>Arithmetic only, no key. Throws (Truncated) for a length that no plain length gives.</summary>
    public static long PlainLength(long sealedLength)
    {
        var body = sealedLength - HeadBytes;
        var last = body % SealedChunkBytes;
        SealException.Unless(body > 0 && last >= TagBytes, SealFault.Truncated, "no last chunk");
        return body - (body / SealedChunkBytes + 1) * TagBytes;
    }

    public static byte[] Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plain, IRandom random)
    {
        var destination = GC.AllocateUninitializedArray<byte>(checked((int)SealedLength(plain.Length)));
        Seal(key, context, plain, random, destination);
        return destination;
    }

    /// <summary>Writes <see cref="SealedLength"/> bytes; their count.</summary>
    public static int Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plain, IRandom random,
        Span<byte> destination)
    {
        using var cipher = BeginSeal(key, context, random, destination);
        var at = HeadBytes;
        for (var chunk = 0L; ; chunk++)
        {
            var part = plain[..Math.Min(ChunkBytes, plain.Length)];
            cipher.Seal(chunk, part, destination.Slice(at, part.Length + TagBytes));
            at += part.Length + TagBytes;
            if (part.Length < ChunkBytes) return at;
            plain = plain[ChunkBytes..];
        }
    }

    /// <summary>Throws <see cref="SealException"/>: Truncated, Commitment, Authentication.</summary>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> sealedBytes)
    {
        var plain = GC.AllocateUninitializedArray<byte>(checked((int)PlainLength(sealedBytes.Length)));
        Open(key, context, sealedBytes, plain);
        return plain;
    }

    /// <summary>Writes <see cref="PlainLength"/> bytes; their count. After a fault the destination is zeroed.</summary>
    public static int Open(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> sealedBytes, Span<byte> destination)
    {
        var length = checked((int)PlainLength(sealedBytes.Length));
        using var cipher = BeginOpen(key, context, sealedBytes[..HeadBytes]);
        try
        {
            OpenChunks(cipher, sealedBytes[HeadBytes..], destination[..length]);
        }
        catch (SealException)
        {
            // Chunks before the bad one were opened: a part of a message is nobody's business either.
            CryptographicOperations.ZeroMemory(destination);
            throw;
        }
        return length;
    }

    private static void OpenChunks(ChunkCipher cipher, ReadOnlySpan<byte> body, Span<byte> plain)
    {
        for (var chunk = 0L; body.Length > 0; chunk++)
        {
            var part = body[..Math.Min(SealedChunkBytes, body.Length)];
            cipher.Open(chunk, part, plain[..(part.Length - TagBytes)]);
            body = body[part.Length..];
            plain = plain[(part.Length - TagBytes)..];
        }
    }

    /// <summary>Draws a salt, writes the head, and answers the cipher for the chunks.</summary>
    internal static ChunkCipher BeginSeal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, IRandom random, Span<byte> head)
    {
        random.Fill(head[..ChunkKeys.SaltBytes]);
        Span<byte> derived = stackalloc byte[ChunkKeys.DerivedBytes];
        ChunkKeys.Derive(key, ChunkKeys.CobblestoneLabel, head[..ChunkKeys.SaltBytes], context, derived);
        CommitmentOf(derived).CopyTo(head[ChunkKeys.SaltBytes..]);
        return CipherOf(derived);
    }

    /// <summary>The cipher for the chunks, after the commitment in <paramref name="head"/> was found right.</summary>
    internal static ChunkCipher BeginOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> head)
    {
        Span<byte> derived = stackalloc byte[ChunkKeys.DerivedBytes];
        ChunkKeys.Derive(key, ChunkKeys.CobblestoneLabel, head[..ChunkKeys.SaltBytes], context, derived);
        var same = CryptographicOperations.FixedTimeEquals(CommitmentOf(derived), head[ChunkKeys.SaltBytes..]);
        if (!same) CryptographicOperations.ZeroMemory(derived);
        SealException.Unless(same, SealFault.Commitment, "sealed with another key or for another place");
        return CipherOf(derived);
    }

    private static Span<byte> CommitmentOf(Span<byte> derived) =>
        derived[(ChunkKeys.KeyBytes + ChunkKeys.NonceBytes)..];

    private static ChunkCipher CipherOf(Span<byte> derived)
    {
        var nonce = derived.Slice(ChunkKeys.KeyBytes, ChunkKeys.NonceBytes);
        var cipher = new ChunkCipher(derived[..ChunkKeys.KeyBytes], nonce, ChunkShift);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }
}
