using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Rotation;

/// <summary>A new operator token: from the write on, the one before is worth nothing.</summary>
public sealed class OperatorTokenRenewal(IBlobStore store, KeyRing ring, IRandom random)
{
    private readonly RegionKeysStore _documents = new(store, ring.Region, random);

    /// <param name="hash">SHA-256 of the new token's text.</param>
    public async Task RenewAsync(byte[] hash, CancellationToken cancel)
    {
        ring.Document = await _documents.ChangeAsync(
            ring.State, document => document with { OperatorTokenHash = hash }, cancel);
        ring.OperatorTokenHash = hash;
    }
}
