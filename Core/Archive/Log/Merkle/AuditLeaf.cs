using System.Security.Cryptography;

namespace AMA.Archive.Log.Merkle;

/// <summary>
/// The leaf of an entry of Control's audit log: blinded by its salt, so that who sees the tree learns nothing of entries
/// that aren't shown to them, not even by guessing. docs/formats/checkpoint.md.
/// </summary>
public static class AuditLeaf
{
    /// <summary>Leaf data: SHA-256("ama/control-audit-entry@v1" ‖ 00 ‖ salt ‖ entry).</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> entry) =>
        MerkleHash.Leaf(SHA256.HashData([.. "ama/control-audit-entry@v1\0"u8, .. salt, .. entry]));
}
