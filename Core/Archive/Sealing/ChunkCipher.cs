using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AMA.Archive.Sealing;

/// <summary>
/// AES-256-GCM over numbered chunks: nonce = base nonce XOR chunk number, no associated data. NOT safe for use by two
/// threads at a time: one AesGcm used by two threads gives silently wrong bytes. Make one per file or per thread.
/// </summary>
public sealed class ChunkCipher : IDisposable
{
    public const int TagBytes = 16;

    /// <summary>C2SP: more chunks than this would wear the key out.</summary>
    public const long ChunksMax = 1L << 38;

    public const int ChunkShiftMax = 20;

    private readonly AesGcm _gcm;
    private readonly byte[] _nonce;
    private readonly int _chunkBytes;

    /// <param name="key">32 bytes from <see cref="ChunkKeys"/>; copied into the cipher.</param>
    /// <param name="nonce">12 bytes from <see cref="ChunkKeys"/>, uniformly random: never a counter.</param>
    /// <param name="chunkShift">Plain bytes of a full chunk, as a power of two.</param>
    public ChunkCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, int chunkShift)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, ChunkKeys.KeyBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, ChunkKeys.NonceBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkShift, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkShift, ChunkShiftMax);
        _gcm = new AesGcm(key, TagBytes);
        _nonce = nonce.ToArray();
        _chunkBytes = 1 << chunkShift;
    }

    /// <summary>Writes ciphertext and tag: <paramref name="plain"/>'s length + 16.</summary>
    public void Seal(long chunk, ReadOnlySpan<byte> plain, Span<byte> sealedChunk)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.Length, _chunkBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealedChunk.Length, plain.Length + TagBytes);
        Span<byte> nonce = stackalloc byte[ChunkKeys.NonceBytes];
        NonceOf(chunk, nonce);
        _gcm.Encrypt(nonce, plain, sealedChunk[..plain.Length], sealedChunk[plain.Length..]);
    }

    /// <summary>
    /// Writes the plain bytes: the sealed length − 16. Throws <see cref="SealException"/> (Truncated, Limit,
    /// Authentication) and then leaves zeroes.
    /// </summary>
    public void Open(long chunk, ReadOnlySpan<byte> sealedChunk, Span<byte> plain)
    {
        SealException.Unless(sealedChunk.Length >= TagBytes, SealFault.Truncated, "a chunk is shorter than its tag");
        ArgumentOutOfRangeException.ThrowIfNotEqual(plain.Length, sealedChunk.Length - TagBytes);
        SealException.Unless(plain.Length <= _chunkBytes, SealFault.Limit, "a chunk is longer than the chunk size");
        Span<byte> nonce = stackalloc byte[ChunkKeys.NonceBytes];
        NonceOf(chunk, nonce);
        try
        {
            _gcm.Decrypt(nonce, sealedChunk[..plain.Length], sealedChunk[plain.Length..], plain);
        }
        catch (AuthenticationTagMismatchException e)
        {
            CryptographicOperations.ZeroMemory(plain);
            throw new SealException(SealFault.Authentication, $"chunk {chunk} is not what was sealed", e);
        }
    }

    public void Dispose() => _gcm.Dispose();

    private void NonceOf(long chunk, Span<byte> nonce)
    {
        SealException.Unless(chunk is >= 0 and < ChunksMax, SealFault.Limit, "more chunks than a key may seal");
        _nonce.CopyTo(nonce);
        var low = nonce[(ChunkKeys.NonceBytes - sizeof(long))..];
        BinaryPrimitives.WriteInt64BigEndian(low, BinaryPrimitives.ReadInt64BigEndian(low) ^ chunk);
    }
}
