using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Keys;

namespace AMA.Archive.Sealing;

/// <summary>
/// Opens a Cobblestone-256 stream from its first byte to its last, one chunk in memory. Bytes come out only after
/// their chunk was authenticated; the end comes only after the last, short chunk was, so whoever reads to the end has
/// the whole. Faults are <see cref="SealException"/>: Truncated, Commitment, Authentication. Not thread-safe.
/// </summary>
public sealed class CobblestoneReader : ForwardStream
{
    private readonly Secret _key;
    private readonly byte[] _context;
    private readonly byte[] _sealed = ArrayPool<byte>.Shared.Rent(Cobblestone.SealedChunkBytes);
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(Cobblestone.ChunkBytes);
    private ChunkCipher? _cipher;
    private long _number;
    private int _at;
    private int _filled;
    private bool _last;

    /// <param name="source">Gives salt, commitment and chunks, and then its end.</param>
    public CobblestoneReader(
        Stream source, ReadOnlySpan<byte> key, ReadOnlySpan<byte> context, bool leaveOpen = false)
        : base(source, leaveOpen)
    {
        _key = Secret.Copy(key);
        _context = context.ToArray();
    }

    private protected override bool TryTake(Span<byte> buffer, out int taken)
    {
        taken = Math.Min(buffer.Length, _filled - _at);
        _plain.AsSpan(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken > 0 || _last;
    }

    private protected override Memory<byte> Wanted() =>
        _sealed.AsMemory(0, _cipher is null ? Cobblestone.HeadBytes : Cobblestone.SealedChunkBytes);

    private protected override void Feed(int count)
    {
        if (_cipher is null) OpenHead(count);
        else OpenChunk(count);
    }

    private protected override void Release()
    {
        _key.Dispose();
        _cipher?.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        ArrayPool<byte>.Shared.Return(_plain);
        ArrayPool<byte>.Shared.Return(_sealed);
    }

    private void OpenHead(int count)
    {
        SealException.Unless(count == Cobblestone.HeadBytes, SealFault.Truncated, "no whole salt and commitment");
        _cipher = Cobblestone.BeginOpen(_key.Span, _context, _sealed.AsSpan(0, Cobblestone.HeadBytes));
        _key.Dispose();
    }

    private void OpenChunk(int count)
    {
        SealException.Unless(count >= Cobblestone.TagBytes, SealFault.Truncated, "no last chunk");
        var length = count - Cobblestone.TagBytes;
        _cipher!.Open(_number++, _sealed.AsSpan(0, count), _plain.AsSpan(0, length));
        _at = 0;
        _filled = length;
        _last = count < Cobblestone.SealedChunkBytes;
    }
}
