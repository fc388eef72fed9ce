using System.Buffers;

namespace AMA.Gateway.Smtp.Receiving;

/// <summary>
/// A message, or the part of it not yet written, in pooled memory. It is wiped before the memory goes back: no mail
/// stays in a front-end's memory after its session.
/// </summary>
internal sealed class HeldBytes(HeldBudget budget) : IBufferWriter<byte>, IDisposable
{
    private const int FirstChunkBytes = 16 * 1024;
    private const int ChunkBytes = 64 * 1024;

    private readonly List<Chunk> _chunks = [];

    public long Length { get; private set; }

    public void Advance(int count)
    {
        var last = _chunks[^1];
        _chunks[^1] = last with { Used = last.Used + count };
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => Free(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => Free(sizeHint).Span;

    public ReadOnlySequence<byte> AsSequence()
    {
        if (_chunks.Count == 0) return ReadOnlySequence<byte>.Empty;
        if (_chunks.Count == 1) return new(_chunks[0].Array, 0, _chunks[0].Used);
        var first = new Piece(_chunks[0], 0);
        var last = first;
        foreach (var chunk in _chunks.Skip(1)) last = last.Append(chunk);
        return new(first, 0, last, last.Memory.Length);
    }

    /// <summary>Wipes and empties.</summary>
    public void Clear()
    {
        foreach (var chunk in _chunks)
        {
            chunk.Array.AsSpan(0, chunk.Used).Clear();
            budget.Add(-chunk.Array.Length);
            ArrayPool<byte>.Shared.Return(chunk.Array);
        }
        _chunks.Clear();
        Length = 0;
    }

    public void Dispose() => Clear();

    private Memory<byte> Free(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_chunks.Count == 0 || _chunks[^1].Array.Length - _chunks[^1].Used < needed)
        {
            var usual = _chunks.Count == 0 ? FirstChunkBytes : ChunkBytes;
            var array = ArrayPool<byte>.Shared.Rent(Math.Max(usual, needed));
            budget.Add(array.Length);
            _chunks.Add(new Chunk(array, 0));
        }
        var last = _chunks[^1];
        return last.Array.AsMemory(last.Used);
    }

    private readonly record struct Chunk(byte[] Array, int Used);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(Chunk chunk, long runningIndex)
        {
            Memory = chunk.Array.AsMemory(0, chunk.Used);
            RunningIndex = runningIndex;
        }

        public Piece Append(Chunk chunk)
        {
            var next = new Piece(chunk, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
