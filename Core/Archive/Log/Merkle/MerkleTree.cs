using System.Numerics;

namespace AMA.Archive.Log.Merkle;

/// <summary>Fetches the full tile of that level and number, or null when it is nowhere.</summary>
public delegate ValueTask<byte[]?> TileReader(int level, long number, CancellationToken cancel);

/// <summary>256 hashes that will never change.</summary>
public sealed record MerkleTile(int Level, long Number, byte[] Hashes)
{
    /// <summary>C2SP tlog-tiles: the number in groups of three digits, all but the last with an x.</summary>
    public static string NameOf(int level, long number)
    {
        var name = $"{number % 1000:D3}";
        for (var rest = number / 1000; rest > 0; rest /= 1000) name = $"x{rest % 1000:D3}/{name}";
        return $"tile/{level}/{name}";
    }
}

/// <summary>
/// A tree that grows by leaves, in tiles of 256 hashes (C2SP tlog-tiles). In memory is only its right edge, at most 255
/// hashes for each eight levels: appending and the newest root need nothing else, a proof reads a full tile or two of
/// each level. For one caller at a time.
/// </summary>
public sealed class MerkleTree
{
    public const int TileHashes = 256;
    public const int TileBytes = TileHashes * MerkleHash.Bytes;
    private const int TileBits = 8;
    private const int LevelsMax = 7;

    private readonly List<List<byte[]>> _edge = [];

    public long Size { get; private set; }

    /// <summary>Goes on where <see cref="Edge"/> left off. Throws <see cref="LogException"/> for what fits no tree.
    /// </summary>
    /// <param name="edge">For each level of tiles the hashes of the tile that is not full yet, one after the other.
    /// </param>
    public static MerkleTree Resume(long size, IReadOnlyList<byte[]> edge)
    {
        var tree = new MerkleTree { Size = size };
        foreach (var (hashes, level) in edge.Select((hashes, level) => (hashes, level)))
        {
            var expected = size >> (TileBits * level) & (TileHashes - 1);
            if (level >= LevelsMax || hashes.Length != expected * MerkleHash.Bytes) throw Unfit();
            tree._edge.Add([.. hashes.Chunk(MerkleHash.Bytes)]);
        }
        return size >= 0 && size >> (TileBits * edge.Count) == 0 ? tree : throw Unfit();
    }

    public IReadOnlyList<byte[]> Edge => [.. _edge.Select(hashes => hashes.SelectMany(hash => hash).ToArray())];

    /// <summary>The tiles that this leaf has filled, mostly none.</summary>
    public IReadOnlyList<MerkleTile> Append(byte[] leafHash)
    {
        List<MerkleTile>? filled = null;
        var hash = leafHash;
        Size++;
        for (var level = 0; ; level++)
        {
            if (_edge.Count == level) _edge.Add([]);
            _edge[level].Add(hash);
            if (_edge[level].Count < TileHashes) return filled ?? [];
            var number = (Size >> (TileBits * (level + 1))) - 1;
            (filled ??= []).Add(new(level, number, [.. _edge[level].SelectMany(one => one)]));
            hash = Fold(filled[^1].Hashes.AsSpan().ToArray());
            _edge[level].Clear();
        }
    }

    public byte[] Root()
    {
        var root = RootAsync(Size, (_, _, _) => throw new InvalidOperationException("a root needs the edge only"), default);
        return root.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The root when the tree had <paramref name="size"/> leaves.</summary>
    public async ValueTask<byte[]> RootAsync(long size, TileReader tiles, CancellationToken cancel)
    {
        CheckSize(size);
        return size == 0 ? MerkleHash.Empty : await RangeAsync(0, size, tiles, cancel);
    }

    /// <summary>The path from leaf <paramref name="index"/> to the root of the first <paramref name="size"/> leaves.
    /// </summary>
    public async ValueTask<List<byte[]>> ProveLeafAsync(
        long index, long size, TileReader tiles, CancellationToken cancel)
    {
        CheckSize(size);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<byte[]>();
        var (low, high) = (0L, size);
        while (high - low > 1)
        {
            var middle = low + SplitOf(high - low);
            var isLeft = index < middle;
            proof.Add(await (isLeft ? RangeAsync(middle, high, tiles, cancel) : RangeAsync(low, middle, tiles, cancel)));
            (low, high) = isLeft ? (low, middle) : (middle, high);
        }
        proof.Reverse();
        return proof;
    }

    /// <summary>That the first <paramref name="older"/> leaves are the beginning of the first
    /// <paramref name="newer"/>.</summary>
    public async ValueTask<List<byte[]>> ProveBeginningAsync(
        long older, long newer, TileReader tiles, CancellationToken cancel)
    {
        CheckSize(newer);
        ArgumentOutOfRangeException.ThrowIfNegative(older);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(older, newer);
        var proof = new List<byte[]>();
        if (older == 0 || older == newer) return proof;
        var (low, high, wholeIsKnown) = (0L, newer, true);
        while (older != high)
        {
            var middle = low + SplitOf(high - low);
            var isLeft = older <= middle;
            proof.Add(await (isLeft ? RangeAsync(middle, high, tiles, cancel) : RangeAsync(low, middle, tiles, cancel)));
            (low, high, wholeIsKnown) = isLeft ? (low, middle, wholeIsKnown) : (middle, high, false);
        }
        if (!wholeIsKnown) proof.Add(await RangeAsync(low, high, tiles, cancel));
        proof.Reverse();
        return proof;
    }

    private async ValueTask<byte[]> RangeAsync(long low, long high, TileReader tiles, CancellationToken cancel)
    {
        var count = high - low;
        if (BitOperations.IsPow2(count) && low % count == 0)
            return await WholeAsync(BitOperations.Log2((ulong)count), low / count, tiles, cancel);
        var middle = low + SplitOf(count);
        var left = await RangeAsync(low, middle, tiles, cancel);
        var right = await RangeAsync(middle, high, tiles, cancel);
        return MerkleHash.Node(left, right);
    }

    /// <summary>The subtree of 2^<paramref name="level"/> leaves with this number among its like.</summary>
    private async ValueTask<byte[]> WholeAsync(int level, long number, TileReader tiles, CancellationToken cancel)
    {
        var (tileLevel, above) = Math.DivRem(level, TileBits);
        var first = number << above;
        var (tile, at) = (first >> TileBits, (int)(first & (TileHashes - 1)));
        if (tileLevel < _edge.Count && tile == Size >> (TileBits * (tileLevel + 1)))
            return Fold([.. _edge[tileLevel].Skip(at).Take(1 << above).SelectMany(hash => hash)]);
        var full = await tiles(tileLevel, tile, cancel);
        if (full is not { Length: TileBytes })
            throw new LogException(LogFault.Gap, $"the tile {MerkleTile.NameOf(tileLevel, tile)} is missing");
        return Fold(full.AsSpan(at * MerkleHash.Bytes, MerkleHash.Bytes << above).ToArray());
    }

    /// <summary>2^n hashes to one, in place: this is where a proof's time goes.</summary>
    private static byte[] Fold(byte[] hashes)
    {
        Span<byte> left = hashes;
        while (left.Length > MerkleHash.Bytes)
        {
            for (var at = 0; at < left.Length; at += 2 * MerkleHash.Bytes)
                MerkleHash.Join(left.Slice(at, 2 * MerkleHash.Bytes), left.Slice(at / 2, MerkleHash.Bytes));
            left = left[..(left.Length / 2)];
        }
        return left.ToArray();
    }

    /// <summary>The greatest power of two below <paramref name="count"/>.</summary>
    private static long SplitOf(long count) => 1L << BitOperations.Log2((ulong)(count - 1));

    private void CheckSize(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
    }

    private static LogException Unfit() => new(LogFault.Format, "these hashes are no tree's edge");
}
