using System.Buffers.Binary;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys;

/// <summary>The bytes of a key tree: docs/formats/key-tree.md, "State".</summary>
internal static class KeyTreeState
{
    public const int NodesMax = 900_000;

    private const int HeadBytes = 8;
    private const int EntryBytes = 1 + sizeof(uint) + TreeDerivation.NodeBytes;

    private static ReadOnlySpan<byte> Magic => [(byte)'A', (byte)'M', (byte)'T', 1];

    public static Secret Write(List<TreeNode> nodes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes.Count, NodesMax);
        return Secret.Make(HeadBytes + nodes.Count * EntryBytes, nodes, static (list, bytes) =>
        {
            Magic.CopyTo(bytes);
            BinaryPrimitives.WriteInt32BigEndian(bytes[4..], list.Count);
            for (var i = 0; i < list.Count; i++) WriteNode(list[i], bytes[(HeadBytes + i * EntryBytes)..]);
        });
    }

    public static List<TreeNode> Read(ReadOnlySpan<byte> state)
    {
        SealException.Unless(state.Length >= HeadBytes, SealFault.Truncated, "no whole head");
        SealException.Unless(state[..3].SequenceEqual(Magic[..3]), SealFault.Format, "not a key tree");
        SealException.Unless(state[3] == Magic[3], SealFault.Reserved, "unknown version");
        var count = BinaryPrimitives.ReadUInt32BigEndian(state[4..]);
        SealException.Unless(count <= NodesMax, SealFault.Limit, "too many nodes");
        var length = HeadBytes + (long)count * EntryBytes;
        SealException.Unless(state.Length >= length, SealFault.Truncated, "fewer nodes than announced");
        SealException.Unless(state.Length == length, SealFault.Trailing, "bytes follow the last node");

        var nodes = new List<TreeNode>((int)count);
        for (var i = 0; i < count; i++) nodes.Add(ReadNode(state.Slice(HeadBytes + i * EntryBytes, EntryBytes)));
        try
        {
            Check(nodes);
            return nodes;
        }
        catch (SealException)
        {
            nodes.ForEach(node => node.Key.Dispose());
            throw;
        }
    }

    /// <summary>Aligned, in order, without overlap; otherwise a leaf would have two keys.</summary>
    public static void Check(List<TreeNode> nodes)
    {
        var free = 0UL;
        foreach (var node in nodes)
        {
            var whole = node.Depth is >= 0 and <= KeyTree.Levels && node.Key.Length == TreeDerivation.NodeBytes;
            SealException.Unless(whole, SealFault.Format, "not a node");
            SealException.Unless((node.FirstLeaf & (node.Leaves - 1)) == 0, SealFault.Format, "a node lies askew");
            SealException.Unless(node.FirstLeaf >= free, SealFault.Format, "nodes overlap or are out of order");
            free = node.FirstLeaf + node.Leaves;
        }
    }

    private static void WriteNode(TreeNode node, Span<byte> entry)
    {
        entry[0] = (byte)node.Depth;
        BinaryPrimitives.WriteUInt32BigEndian(entry[1..], node.FirstLeaf);
        node.Key.Span.CopyTo(entry[5..]);
    }

    private static TreeNode ReadNode(ReadOnlySpan<byte> entry) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(entry[1..]), entry[0], Secret.Copy(entry[5..]));
}
