using System.Security.Cryptography;

namespace AMA.Archive.Log.Merkle;

/// <summary>
/// RFC 6962, section 2.1, with SHA-256. Leaves and nodes begin with different bytes, so that no node passes for a leaf.
/// </summary>
public static class MerkleHash
{
    public const int Bytes = SHA256.HashSizeInBytes;

    public static byte[] Leaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    public static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> both = stackalloc byte[2 * Bytes];
        left.CopyTo(both);
        right.CopyTo(both[Bytes..]);
        var hash = new byte[Bytes];
        Join(both, hash);
        return hash;
    }

    internal static void Join(ReadOnlySpan<byte> both, Span<byte> destination)
    {
        Span<byte> marked = stackalloc byte[1 + 2 * Bytes];
        marked[0] = 1;
        both.CopyTo(marked[1..]);
        SHA256.HashData(marked, destination);
    }

    /// <summary>Of a tree without leaves.</summary>
    public static byte[] Empty => SHA256.HashData([]);
}
