using System.Security.Cryptography;

namespace AMA.Archive.Keys;

/// <summary>
/// One step down a key tree: child_b = SHA-256(00000001 ‖ node ‖ "ama-ggm-v1" ‖ b), the shape of the one-step KDF of
/// SP 800-56C. One compression, because a leaf costs up to 32 of them. docs/formats/key-tree.md.
/// </summary>
internal static class TreeDerivation
{
    public const int NodeBytes = 32;

    private const int MessageBytes = 4 + NodeBytes + 10 + 1;

    private static ReadOnlySpan<byte> Label => "ama-ggm-v1"u8;

    /// <summary>Writes the child of <paramref name="node"/>; the two may be the same bytes.</summary>
    public static void Child(ReadOnlySpan<byte> node, uint bit, Span<byte> child)
    {
        Span<byte> message = stackalloc byte[MessageBytes];
        Fill(message, node);
        message[MessageBytes - 1] = (byte)bit;
        SHA256.HashData(message, child);
        CryptographicOperations.ZeroMemory(message);
    }

    public static Secret Child(Secret node, uint bit) =>
        Secret.Make(NodeBytes, new Step(node, bit), static (step, child) => Child(step.Node.Span, step.Bit, child));

    /// <summary>The key at <paramref name="depth"/> on the way from <paramref name="node"/> to a leaf.</summary>
    public static Secret Walk(TreeNode node, uint leaf, int depth) =>
        Secret.Make(NodeBytes, new Way(node, leaf, depth), static (way, key) =>
        {
            Span<byte> message = stackalloc byte[MessageBytes];
            Fill(message, way.Node.Key.Span);
            for (var level = way.Node.Depth; level < way.Depth; level++)
            {
                message[MessageBytes - 1] = (byte)(way.Leaf >> (KeyTree.Levels - 1 - level) & 1);
                SHA256.HashData(message, message.Slice(4, NodeBytes));
            }
            message.Slice(4, NodeBytes).CopyTo(key);
            CryptographicOperations.ZeroMemory(message);
        });

    private static void Fill(Span<byte> message, ReadOnlySpan<byte> node)
    {
        message[..3].Clear();
        message[3] = 1;
        node.CopyTo(message[4..]);
        Label.CopyTo(message[(4 + NodeBytes)..]);
    }

    private readonly record struct Step(Secret Node, uint Bit);

    private readonly record struct Way(TreeNode Node, uint Leaf, int Depth);
}
