using System.Security.Cryptography;

namespace AMA.Search.Sealed;

/// <summary>
/// The process's cache of opened chunks of index files, bounded in bytes; eviction by CLOCK. A hit takes no lock: each
/// file looks into its own table. An evicted chunk is left to the collector, because a reader may still stand in it; a
/// file's chunks are zeroed when its last reader has gone.
/// </summary>
public sealed class ChunkCache(long bytesMax)
{
    public const long DefaultBytesMax = 64 << 20;

    private readonly Lock _lock = new();
    private CachedChunk? _hand;
    private long _bytes;

    public long BytesMax { get; } = bytesMax;

    /// <summary>Plain bytes held now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    internal void Add(SealedFile file, int number, byte[] plain)
    {
        lock (_lock)
        {
            if (plain.Length > BytesMax || file.Cached[number] is not null || file.IsZeroed) return;
            while (_bytes + plain.Length > BytesMax && _hand is not null) Turn();
            var chunk = new CachedChunk(file, number, plain);
            Link(chunk);
            file.Cached[number] = chunk;
            _bytes += plain.Length;
        }
    }

    /// <summary>Forgets a file's chunks and zeroes them: nobody reads the file any more.</summary>
    internal void Zero(SealedFile file)
    {
        lock (_lock)
        {
            foreach (var chunk in file.Cached)
            {
                if (chunk is null) continue;
                Drop(chunk);
                CryptographicOperations.ZeroMemory(chunk.Plain);
            }
        }
    }

    /// <summary>One step of the clock: a chunk used since the last round gets another one.</summary>
    private void Turn()
    {
        var chunk = _hand!;
        if (chunk.Used)
        {
            chunk.Used = false;
            _hand = chunk.Next;
        }
        else
        {
            Drop(chunk);
        }
    }

    private void Link(CachedChunk chunk)
    {
        if (_hand is null)
        {
            _hand = chunk.Next = chunk.Before = chunk;
            return;
        }
        // Behind the hand: the last to be asked.
        (chunk.Next, chunk.Before) = (_hand, _hand.Before);
        chunk.Before.Next = _hand.Before = chunk;
    }

    private void Drop(CachedChunk chunk)
    {
        chunk.File.Cached[chunk.Number] = null;
        _bytes -= chunk.Plain.Length;
        (chunk.Before.Next, chunk.Next.Before) = (chunk.Next, chunk.Before);
        if (_hand == chunk) _hand = chunk.Next == chunk ? null : chunk.Next;
    }
}

internal sealed class CachedChunk(SealedFile file, int number, byte[] plain)
{
    public SealedFile File { get; } = file;
    public int Number { get; } = number;
    public byte[] Plain { get; } = plain;

    /// <summary>Set without a lock by readers; losing one costs a reload.</summary>
    public bool Used = true;

    public CachedChunk Next = null!;
    public CachedChunk Before = null!;
}
