using System.Buffers.Binary;

namespace AMA.Archive.Keys.Leases;

public enum LeasedKeyKind : byte
{
    /// <summary>X25519 private key of the queue week <see cref="LeasedKey.KeyId"/>.</summary>
    QueuePrivate = 1,
    /// <summary>
    /// Node of a part's key tree, of <see cref="LeasedKey.Depth"/>, over the leaves from FirstLeaf on.
    /// </summary>
    Subtree = 2,
    /// <summary>The single leaf FirstLeaf.</summary>
    Leaf = 3,
    /// <summary>Key of a part's index files; <see cref="LeasedKey.KeyId"/> is its version.</summary>
    Ixk = 4,
    /// <summary>Key of a part's dedupe and link tags.</summary>
    Idk = 5,
    /// <summary>Public half of the tenant's audit key: silos seal to it what they record.</summary>
    AuditPublic = 6,
    /// <summary>Its private half, for an auditor.</summary>
    AuditPrivate = 7,
    /// <summary>Key of a silo's own disk (PDK); <see cref="LeasedKey.KeyId"/> is its version.</summary>
    Partition = 8,
}

/// <summary>One key of a lease. Whoever holds it disposes it when the lease ends.</summary>
/// <param name="KeyId">Queue week, or version of an index or partition key; otherwise 0.</param>
/// <param name="Depth">Of a subtree's node: 0 is the root, 32 a leaf.</param>
public sealed record LeasedKey(
    LeasedKeyKind Kind, ulong KeyId, ushort Class, uint Epoch, uint Generation, uint FirstLeaf, int Depth, Secret Key)
    : IDisposable
{
    /// <summary>Every key in a lease is so long.</summary>
    public const int KeyBytes = 32;

    internal const int EncodedBytes = 24 + KeyBytes;

    public void Dispose() => Key.Dispose();

    internal void Write(Span<byte> destination)
    {
        destination[0] = (byte)Kind;
        destination[1] = (byte)Depth;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Class);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Epoch);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Generation);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], FirstLeaf);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], KeyId);
        Key.Span.CopyTo(destination[24..]);
    }

    internal static LeasedKey Read(ReadOnlySpan<byte> source) => new(
        (LeasedKeyKind)source[0],
        BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
        BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
        source[1],
        Secret.Copy(source[24..EncodedBytes]));
}
