using System.Text;
using AMA.Archive.Log;
using AMA.Archive.Log.Merkle;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Log.Merkle;

public class MerkleTreeTests
{
    /// <summary>Beyond one tile of 256.</summary>
    private const int SizeMax = 300;

    /// <summary>Every small size, and those around a power of two: there a tree takes another shape.</summary>
    private static readonly int[] SizesOfInterest =
        [.. Enumerable.Range(0, 35), 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, SizeMax];

    private static readonly int[] Sizes = [.. Enumerable.Range(0, SizeMax + 1)];

    [Fact]
    public Task EveryLeaf_IsProvedToTheRoot_AndNoOtherLeaf() => ProveLeavesAsync(SizesOfInterest);

    /// <summary>infra/soak.sh merkle.</summary>
    [Fact(Explicit = true)]
    public Task EveryLeafOfEverySize_IsProvedToTheRoot_AndNoOtherLeaf() => ProveLeavesAsync(Sizes);

    [Fact]
    public Task EarlierSizes_AreProvedToBeTheBeginningOfLaterOnes() => ProveBeginningsAsync(SizesOfInterest);

    /// <summary>infra/soak.sh merkle.</summary>
    [Fact(Explicit = true)]
    public Task EverySize_IsProvedToBeTheBeginningOfEveryLaterOne() => ProveBeginningsAsync(Sizes);

    private static async Task ProveLeavesAsync(int[] sizes)
    {
        var tree = new GrownTree(SizeMax);
        foreach (var size in sizes.Where(size => size > 0))
        {
            var root = NaiveRoot(tree.Leaves[..size]);
            Assert.Equal(root, await tree.RootAsync(size));
            for (var index = 0; index < size; index++)
            {
                var proof = await tree.ProveLeafAsync(index, size);
                Assert.True(MerkleProofs.IncludesLeaf(tree.Leaves[index], index, size, proof, root));
                Assert.False(MerkleProofs.IncludesLeaf(tree.Leaves[(index + 1) % SizeMax], index, size, proof, root));
                Assert.False(MerkleProofs.IncludesLeaf(tree.Leaves[index], index + 1, size, proof, root));
            }
        }
    }

    private static async Task ProveBeginningsAsync(int[] sizes)
    {
        var tree = new GrownTree(SizeMax);
        byte[][] roots = [.. Enumerable.Range(0, SizeMax + 1).Select(size => NaiveRoot(tree.Leaves.AsSpan(0, size)))];
        foreach (var newer in sizes)
        {
            foreach (var older in sizes.Where(older => older <= newer))
            {
                var (olderRoot, newerRoot) = (roots[older], roots[newer]);
                var proof = await tree.ProveBeginningAsync(older, newer);
                Assert.True(MerkleProofs.IsBeginning(older, olderRoot, newer, newerRoot, proof));
                if (older == newer) continue;
                Assert.False(MerkleProofs.IsBeginning(older, newerRoot, newer, newerRoot, proof));
                Assert.Equal(older == 0, MerkleProofs.IsBeginning(older, olderRoot, newer, olderRoot, proof));
                Assert.False(MerkleProofs.IsBeginning(older, olderRoot, newer, newerRoot, [.. proof, newerRoot]));
            }
        }
    }

    [Fact]
    public async Task EveryFlippedBitAndEveryMissingHash_MakesAProofFail()
    {
        var tree = new GrownTree(SizeMax);
        foreach (var size in new[] { 2, 3, 7, 8, 255, 256, 257, 300 })
        {
            var root = await tree.RootAsync(size);
            var index = size / 2;
            var leaf = tree.Leaves[index];
            var inclusion = await tree.ProveLeafAsync(index, size);
            foreach (var forged in Forgeries(inclusion))
                Assert.False(MerkleProofs.IncludesLeaf(leaf, index, size, forged, root));
            var older = size - 1;
            var olderRoot = await tree.RootAsync(older);
            foreach (var forged in Forgeries(await tree.ProveBeginningAsync(older, size)))
                Assert.False(MerkleProofs.IsBeginning(older, olderRoot, size, root, forged));
        }
    }

    [Fact]
    public async Task OtherHistory_IsNeverTheBeginning()
    {
        var one = new GrownTree(SizeMax);
        var other = new GrownTree(SizeMax, seed: "another");
        for (var older = 1; older < SizeMax; older += 7)
        {
            var proof = await other.ProveBeginningAsync(older, SizeMax);
            var (olderRoot, newerRoot) = (await one.RootAsync(older), await other.RootAsync(SizeMax));
            Assert.False(MerkleProofs.IsBeginning(older, olderRoot, SizeMax, newerRoot, proof));
        }
    }

    [Fact]
    public async Task LargeTree_ResumedFromItsEdge_GivesTheSameProofs()
    {
        var tree = new GrownTree(70_000);
        var resumed = MerkleTree.Resume(tree.Tree.Size, tree.Tree.Edge);
        Assert.Equal(tree.Tree.Root(), resumed.Root());
        Assert.Equal(NaiveRoot(tree.Leaves), resumed.Root());
        foreach (var index in new[] { 0, 255, 256, 65_535, 65_536, 69_999 })
        {
            var proof = await resumed.ProveLeafAsync(index, resumed.Size, tree.Read, default);
            Assert.True(MerkleProofs.IncludesLeaf(tree.Leaves[index], index, resumed.Size, proof, resumed.Root()));
        }
        Assert.Equal(70_000 / 256 + 1, tree.Tiles.Count);
    }

    [Fact]
    public void Edge_ThatFitsNoTree_IsRefused()
    {
        var edge = new GrownTree(SizeMax).Tree.Edge;
        Assert.Throws<LogException>(() => MerkleTree.Resume(SizeMax + 1, edge));
        Assert.Throws<LogException>(() => MerkleTree.Resume(SizeMax, [edge[0]]));
        Assert.Throws<LogException>(() => MerkleTree.Resume(-1, []));
    }

    [Theory]
    [InlineData(0, 0, "tile/0/000")]
    [InlineData(2, 1_234_067, "tile/2/x001/x234/067")]
    public void Tile_HasTheNameOfTheStandard(int level, long number, string name) =>
        Assert.Equal(name, MerkleTile.NameOf(level, number));

    private static IEnumerable<List<byte[]>> Forgeries(List<byte[]> proof)
    {
        for (var at = 0; at < proof.Count; at++)
        {
            for (var bit = 0; bit < 256; bit += 5)
            {
                List<byte[]> forged = [.. proof.Select(hash => (byte[])hash.Clone())];
                forged[at][bit / 8] ^= (byte)(1 << (bit % 8));
                yield return forged;
            }
            yield return [.. proof.Where((_, i) => i != at)];
        }
    }

    /// <summary>RFC 6962, 2.1, as it stands there.</summary>
    private static byte[] NaiveRoot(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0) return MerkleHash.Empty;
        if (leaves.Length == 1) return leaves[0];
        var split = 1;
        while (split * 2 < leaves.Length) split *= 2;
        return MerkleHash.Node(NaiveRoot(leaves[..split]), NaiveRoot(leaves[split..]));
    }

    private sealed class GrownTree
    {
        public GrownTree(int size, string seed = "leaf")
        {
            Leaves = [.. Enumerable.Range(0, size).Select(i => MerkleHash.Leaf(Encoding.UTF8.GetBytes($"{seed} {i}")))];
            foreach (var tile in Leaves.SelectMany(Tree.Append)) Tiles.Add((tile.Level, tile.Number), tile.Hashes);
        }

        public byte[][] Leaves { get; }

        public MerkleTree Tree { get; } = new();

        public Dictionary<(int Level, long Number), byte[]> Tiles { get; } = [];

        public ValueTask<byte[]?> Read(int level, long number, CancellationToken cancel) =>
            new(Tiles.GetValueOrDefault((level, number)));

        public ValueTask<byte[]> RootAsync(long size) => Tree.RootAsync(size, Read, default);

        public ValueTask<List<byte[]>> ProveLeafAsync(long index, long size) =>
            Tree.ProveLeafAsync(index, size, Read, default);

        public ValueTask<List<byte[]>> ProveBeginningAsync(long older, long newer) =>
            Tree.ProveBeginningAsync(older, newer, Read, default);
    }
}
