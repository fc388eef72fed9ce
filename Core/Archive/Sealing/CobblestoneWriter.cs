using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Archive.Sealing;

/// <summary>
/// Seals a stream of any length, one chunk in memory. The head stands in the target when the constructor returns;
/// <see cref="Finish"/> writes the last, short chunk: without it the bytes are truncated. Not thread-safe. The caller
/// drains the target between writes, so that memory stays bounded by what is written at a time.
/// </summary>
public sealed class CobblestoneWriter : IDisposable
{
    private readonly IBufferWriter<byte> _target;
    private readonly ChunkCipher _cipher;
    private readonly byte[] _chunk;
    private int _filled;
    private long _number;
    private bool _finished;

    public CobblestoneWriter(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, IRandom random, IBufferWriter<byte> target)
    {
        _target = target;
        var head = target.GetSpan(Cobblestone.HeadBytes)[..Cobblestone.HeadBytes];
        _cipher = Cobblestone.BeginSeal(key, context, random, head);
        target.Advance(Cobblestone.HeadBytes);
        _chunk = ArrayPool<byte>.Shared.Rent(Cobblestone.ChunkBytes);
    }

    /// <summary>Sealed bytes written to the target until now, head included.</summary>
    public long SealedBytes { get; private set; } = Cobblestone.HeadBytes;

    public void Write(ReadOnlySpan<byte> plain)
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        while (plain.Length > 0)
        {
            var part = plain[..Math.Min(plain.Length, Cobblestone.ChunkBytes - _filled)];
            if (part.Length == Cobblestone.ChunkBytes) SealChunk(part);
            else Keep(part);
            plain = plain[part.Length..];
        }
    }

    /// <summary>Writes the last chunk; once.</summary>
    public void Finish()
    {
        ObjectDisposedException.ThrowIf(_finished, this);
        _finished = true;
        SealChunk(_chunk.AsSpan(0, _filled));
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _finished = true;
        if (_filled < 0) return;
        _filled = -1;
        CryptographicOperations.ZeroMemory(_chunk.AsSpan(0, Cobblestone.ChunkBytes));
        ArrayPool<byte>.Shared.Return(_chunk);
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        part.CopyTo(_chunk.AsSpan(_filled));
        _filled += part.Length;
        if (_filled < Cobblestone.ChunkBytes) return;
        SealChunk(_chunk.AsSpan(0, Cobblestone.ChunkBytes));
        _filled = 0;
    }

    private void SealChunk(ReadOnlySpan<byte> plain)
    {
        var length = plain.Length + Cobblestone.TagBytes;
        _cipher.Seal(_number++, plain, _target.GetSpan(length)[..length]);
        _target.Advance(length);
        SealedBytes += length;
    }
}
