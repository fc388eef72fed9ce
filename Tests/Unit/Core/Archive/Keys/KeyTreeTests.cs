using System.Numerics;
using System.Reflection;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Keys;

public class KeyTreeTests
{
    /// <summary>A window of leaves in which a test can look at every one.</summary>
    private const uint WindowAt = 0x00FF_FFF0;
    private const int WindowLeaves = 32;

    [Fact]
    public void Range_IsHeld_AsLongAsOneOfItsLeavesIs()
    {
        using var tree = KeyTree.Create(new SeededRandom(91));
        tree.PunctureRange(16, 16);
        tree.PunctureRange(uint.MaxValue - 1, 2);
        Assert.False(tree.ContainsAny(16, 16));
        Assert.False(tree.ContainsAny(5, 0));
        Assert.False(tree.ContainsAny(uint.MaxValue, 1));
        Assert.True(tree.ContainsAny(15, 2));
        Assert.True(tree.ContainsAny(31, 2));
        Assert.True(tree.ContainsAny(0, uint.MaxValue));
    }

    [Fact]
    public void HeldRanges_AreWhatIsLeft_JoinedAndInOrder()
    {
        using var tree = KeyTree.Create(new SeededRandom(92));
        Assert.Equal([(0u, 1u << 31), (1u << 31, 1u << 31)], tree.Held(0, uint.MaxValue));
        tree.PunctureRange(16, 3);
        tree.Puncture(40);
        Assert.Equal([(8u, 8u), (19u, 21u), (41u, 10u)], tree.Held(8, 50));
        Assert.Equal([(19u, 2u)], tree.Held(16, 20));
        Assert.Empty(tree.Held(16, 18));
        tree.PunctureRange(uint.MaxValue - 1, 2);
        Assert.Equal([(uint.MaxValue - 4, 3u)], tree.Held(uint.MaxValue - 4, uint.MaxValue));
    }

    [Fact]
    public void OnePuncture_CostsThirtyTwoNodes_AndASecondOfTheSameNothing()
    {
        using var tree = KeyTree.Create(new SeededRandom(1));
        Assert.Equal(1, tree.NodeCount);
        Assert.True(tree.Puncture(123_456_789));
        Assert.Equal(32, tree.NodeCount);
        Assert.False(tree.Puncture(123_456_789));
        Assert.Equal(32, tree.NodeCount);
    }

    /// <summary>
    /// The aligned ranges that make up what lies before and behind: as many as their lengths have one bits.
    /// </summary>
    [Theory]
    [InlineData(0u, 1000u)]
    [InlineData(65_536u, 1000u)]
    [InlineData(1_000_000u, 1000u)]
    [InlineData(0xDEADBEEFu, 1u)]
    [InlineData(0x7FFF_FFFFu, 2u)]
    public void RangeInARow_LeavesTheFewestNodes(uint first, uint count)
    {
        using var tree = KeyTree.Create(new SeededRandom(1));
        tree.PunctureRange(first, count);
        var behind = (1UL << 32) - (first + (ulong)count);
        Assert.Equal(BitOperations.PopCount(first) + BitOperations.PopCount(behind), tree.NodeCount);
    }

    [Fact]
    public void EveryRange_ErasesJustThatRange()
    {
        using var whole = KeyTree.Create(new SeededRandom(2));
        var keys = Enumerable.Range(0, WindowLeaves).Select(i => KeyOf(whole, WindowAt + (uint)i)).ToArray();
        for (var first = 0; first < WindowLeaves; first++)
        for (var count = 0; count <= WindowLeaves - first; count++)
        {
            using var tree = KeyTree.FromNodes([whole.Subtree(0, 32)]);
            tree.PunctureRange(WindowAt + (uint)first, (uint)count);
            for (var i = 0; i < WindowLeaves; i++)
            {
                var erased = i >= first && i < first + count;
                Assert.Equal(erased ? null : keys[i], KeyOf(tree, WindowAt + (uint)i));
            }
        }
    }

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(uint.MaxValue, 1u)]
    [InlineData(0u, uint.MaxValue)]
    [InlineData(1u, uint.MaxValue)]
    [InlineData(0x8000_0000u, 0x8000_0000u)]
    public void RangesAtTheEnds_AreErased(uint first, uint count)
    {
        using var tree = KeyTree.Create(new SeededRandom(3));
        tree.PunctureRange(first, count);
        Assert.False(tree.Contains(first));
        Assert.False(tree.Contains(first + count - 1));
        if (first > 0) Assert.True(tree.Contains(first - 1));
        if (first + (ulong)count < 1UL << 32) Assert.True(tree.Contains(first + count));
    }

    [Fact]
    public void RangeBeyondTheLastLeaf_IsRefused()
    {
        using var tree = KeyTree.Create(new SeededRandom(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.PunctureRange(2, uint.MaxValue));
        Assert.Equal(1, tree.NodeCount);
    }

    /// <summary>Random erasures against a plain set, through serialised states in between.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void RandomErasures_AgreeWithAPlainSet(int seed)
    {
        var random = new Random(seed);
        using var whole = KeyTree.Create(new SeededRandom(seed));
        var tree = KeyTree.FromNodes([whole.Subtree(65536, 10)]);
        var live = Enumerable.Range(65536, 1024).Select(leaf => (uint)leaf).ToHashSet();
        for (var step = 0; step < 60; step++)
        {
            var first = (uint)random.Next(65536 - 10, 65536 + 1024);
            var count = (uint)random.Next(0, 40);
            tree.PunctureRange(first, count);
            live.RemoveWhere(leaf => leaf >= first && leaf < first + count);
            tree = Reloaded(tree);
            for (var leaf = 65536u - 2; leaf < 65536 + 1026; leaf++)
                Assert.Equal(live.Contains(leaf), tree.Contains(leaf));
        }
        foreach (var leaf in live) Assert.Equal(KeyOf(whole, leaf), KeyOf(tree, leaf));
        tree.Dispose();
    }

    /// <summary>No node that is held may be above an erased leaf: from it the key could be derived again.</summary>
    [Fact]
    public void ErasedLeaf_HasNoHeldNodeAboveIt()
    {
        var random = new Random(7);
        using var tree = KeyTree.Create(new SeededRandom(7));
        var erased = Enumerable.Range(0, 300).Select(_ => (uint)random.NextInt64(1L << 32)).ToList();
        erased.ForEach(leaf => tree.Puncture(leaf));
        foreach (var node in NodesOf(tree))
        {
            var last = node.FirstLeaf + ((1UL << (32 - node.Depth)) - 1);
            Assert.DoesNotContain(erased, leaf => leaf >= node.FirstLeaf && leaf <= last);
        }
    }

    [Fact]
    public void Puncture_ZeroesTheNodeItReplaces()
    {
        using var tree = KeyTree.Create(new SeededRandom(8));
        var root = NodesOf(tree).Single().Key;
        tree.Puncture(5);
        Assert.True(root.IsDisposed);
        var nodes = NodesOf(tree);
        tree.Dispose();
        Assert.All(nodes, node => Assert.True(node.Key.IsDisposed));
    }

    [Fact]
    public void Subtree_GivesTheSameLeaves_AndNoOthers()
    {
        using var whole = KeyTree.Create(new SeededRandom(9));
        var node = whole.Subtree(3 << 16, 16);
        using var leased = KeyTree.FromNodes([node]);
        node.Key.Dispose();
        foreach (var leaf in (uint[])[3 << 16, (3 << 16) + 1, (3 << 16) + 40_000, (4 << 16) - 1])
            Assert.Equal(KeyOf(whole, leaf), KeyOf(leased, leaf));
        Assert.False(leased.TryLeaf((3 << 16) - 1, out _));
        Assert.False(leased.TryLeaf(4 << 16, out _));
    }

    [Fact]
    public void Subtree_IsRefusedWhenALeafInItIsErased_OrItLiesAskew()
    {
        using var tree = KeyTree.Create(new SeededRandom(10));
        tree.Puncture((5 << 16) + 77);
        Assert.Equal(SealFault.Punctured, Samples.FaultOf(() => tree.Subtree(5 << 16, 16)));
        Assert.Equal(SealFault.Punctured, Samples.FaultOf(() => tree.Subtree((5 << 16) + 77, 0)));
        tree.Subtree(6 << 16, 16).Key.Dispose();
        tree.Subtree((5 << 16) + 76, 0).Key.Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Subtree(1, 16));
    }

    [Fact]
    public void KeepOnly_KeepsTheHeldLeaves_AndRefusesAnErasedOne()
    {
        using var tree = KeyTree.Create(new SeededRandom(11));
        tree.Puncture(9);
        using var held = tree.KeepOnly([7, 3, 7]);
        Assert.Equal(2, held.NodeCount);
        Assert.Equal(KeyOf(tree, 3), KeyOf(held, 3));
        Assert.Equal(KeyOf(tree, 7), KeyOf(held, 7));
        Assert.False(held.Contains(5));
        Assert.Equal(SealFault.Punctured, Samples.FaultOf(() => tree.KeepOnly([3, 9])));
    }

    [Fact]
    public void FromNodes_RefusesOverlaps_AndCopies()
    {
        using var whole = KeyTree.Create(new SeededRandom(12));
        var root = whole.Subtree(0, 32);
        var leaf = whole.Subtree(5, 0);
        Assert.Equal(SealFault.Format, Samples.FaultOf(() => KeyTree.FromNodes([leaf, root])));
        using var tree = KeyTree.FromNodes([leaf]);
        var expected = leaf.Key.Span.ToArray();
        leaf.Key.Dispose();
        Assert.Equal(expected, KeyOf(tree, 5));
    }

    [Fact]
    public void State_EveryTruncationIsRefused_AndNodesAreNeverPrinted()
    {
        using var tree = KeyTree.Create(new SeededRandom(13));
        tree.Puncture(1);
        using var state = tree.Export();
        var bytes = state.Span.ToArray();
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(SealFault.Truncated, Samples.FaultOf(() => KeyTree.Import(bytes.AsSpan(0, length))));
        var node = NodesOf(tree)[0];
        Assert.DoesNotContain(Convert.ToHexStringLower(node.Key.Span)[..8], node.ToString().ToLowerInvariant());
    }

    private static byte[]? KeyOf(KeyTree tree, uint leaf)
    {
        if (!tree.TryLeaf(leaf, out var key)) return null;
        using (key) return key.Span.ToArray();
    }

    private static KeyTree Reloaded(KeyTree tree)
    {
        using var state = tree.Export();
        tree.Dispose();
        return KeyTree.Import(state.Span);
    }

    /// <summary>The nodes themselves: nothing outside a test may see them.</summary>
    private static List<TreeNode> NodesOf(KeyTree tree)
    {
        var field = typeof(KeyTree).GetField("_nodes", BindingFlags.NonPublic | BindingFlags.Instance)!;
        return [.. (List<TreeNode>)field.GetValue(tree)!];
    }
}
