namespace AMA.Archive.Keys;

/// <summary>
/// One node of a <see cref="KeyTree"/>: the key over an aligned range of leaves. Whoever holds it derives every leaf
/// under it and nothing else.
/// </summary>
/// <param name="FirstLeaf">The range's first leaf, a multiple of its length.</param>
/// <param name="Depth">0 the root (2^32 leaves) … 32 a single leaf.</param>
/// <param name="Key">32 bytes. A leaf's own key when <paramref name="Depth"/> is 32.</param>
public sealed record TreeNode(uint FirstLeaf, int Depth, Secret Key)
{
    internal ulong Leaves => 1UL << (KeyTree.Levels - Depth);

    internal uint LastLeaf => (uint)(FirstLeaf + (Leaves - 1));

    internal bool Covers(uint leaf) => leaf >= FirstLeaf && leaf <= LastLeaf;
}
