using System.Numerics;

namespace AMA.Archive.Log.Merkle;

/// <summary>
/// What a reader checks with nothing in hand but hashes. RFC 9162, 2.1.3.2 and 2.1.4.2. False for every proof that does
/// not hold, whatever it is made of.
/// </summary>
public static class MerkleProofs
{
    /// <summary>More hashes than any proof over 2^63 leaves has.</summary>
    public const int HashesMax = 128;

    /// <summary>Whether the tree of <paramref name="size"/> leaves under this root has this leaf there.</summary>
    public static bool IncludesLeaf(
        ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || !AreHashes(proof)) return false;
        var (at, last) = (index, size - 1);
        var hash = leafHash.ToArray();
        foreach (var sibling in proof)
        {
            if (last == 0) return false;
            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleHash.Node(sibling, hash);
                SkipLonePath(ref at, ref last);
            }
            else hash = MerkleHash.Node(hash, sibling);
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 && root.SequenceEqual(hash);
    }

    /// <summary>Whether the older tree is the beginning of the newer one: nothing in it was changed.</summary>
    public static bool IsBeginning(
        long olderSize, ReadOnlySpan<byte> olderRoot, long newerSize, ReadOnlySpan<byte> newerRoot,
        IReadOnlyList<byte[]> proof)
    {
        if (olderSize < 0 || olderSize > newerSize || !AreHashes(proof)) return false;
        if (olderSize == newerSize) return proof.Count == 0 && olderRoot.SequenceEqual(newerRoot);
        if (olderSize == 0) return proof.Count == 0 && olderRoot.SequenceEqual(MerkleHash.Empty);
        List<byte[]> path = BitOperations.IsPow2(olderSize) ? [olderRoot.ToArray(), .. proof] : [.. proof];
        if (path.Count == 0) return false;
        var (at, last) = (olderSize - 1, newerSize - 1);
        while ((at & 1) == 1) (at, last) = (at >> 1, last >> 1);
        var (older, newer) = (path[0], path[0]);
        foreach (var sibling in path.Skip(1))
        {
            if (last == 0) return false;
            if ((at & 1) == 1 || at == last)
            {
                older = MerkleHash.Node(sibling, older);
                newer = MerkleHash.Node(sibling, newer);
                SkipLonePath(ref at, ref last);
            }
            else newer = MerkleHash.Node(newer, sibling);
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 && olderRoot.SequenceEqual(older) && newerRoot.SequenceEqual(newer);
    }

    /// <summary>On the right edge a node moves up alone until it has a sibling again.</summary>
    private static void SkipLonePath(ref long at, ref long last)
    {
        if ((at & 1) == 1) return;
        while (at != 0 && (at & 1) == 0) (at, last) = (at >> 1, last >> 1);
    }

    private static bool AreHashes(IReadOnlyList<byte[]> proof) =>
        proof.Count <= HashesMax && proof.All(hash => hash is { Length: MerkleHash.Bytes });
}
