using AMA.Archive.Ids;

namespace AMA.Grains.Control.Keys;

/// <summary>
/// "keys/{region}": the region's own keys, each wrapped (AMK1) under its root key. The document is sealed under the
/// region's state key too: whoever could change the CA's certificate in it could let silos of their own in.
/// </summary>
/// <param name="StoreKeyId">Names SKEK in the blobs that it wraps.</param>
/// <param name="StoreKey">SKEK: wraps the queue's private keys.</param>
/// <param name="SigningKey">CSK: the Ed25519 seed that signs every document.</param>
/// <param name="AuthorityKey">PKCS#8 of the issuing CA.</param>
/// <param name="OperatorTokenHash">SHA-256 of the token's text.</param>
public sealed record RegionKeysDocument(
    Region Region, Guid StoreKeyId, byte[] StoreKey, byte[] SigningKey, byte[] AuthorityKey,
    byte[] AuthorityCertificate, byte[] OperatorTokenHash)
{
    /// <summary>Of RKEK, as AMK1 counts; the one that wraps what stands here.</summary>
    public uint RootVersion { get; init; } = 1;

    public uint StoreKeyVersion { get; init; } = 1;

    /// <summary>The SKEK before, while queue keys may still be wrapped under it; otherwise null.</summary>
    public Guid? FormerStoreKeyId { get; init; }

    public byte[]? FormerStoreKey { get; init; }

    /// <summary>When CSK was made, and published.</summary>
    public DateTimeOffset SigningMadeAt { get; init; }

    /// <summary>The CSK before, while its signatures still count; otherwise null.</summary>
    public byte[]? FormerSigningKey { get; init; }

    /// <summary>Raw public halves of older ones, newest first: the audit log has checkpoints that they signed.</summary>
    public byte[][] PastSigningKeys { get; init; } = [];

    /// <summary>When the CA was made, and published.</summary>
    public DateTimeOffset AuthorityMadeAt { get; init; }

    /// <summary>The CA before, while its certificates are still good; otherwise null, as its certificate.</summary>
    public byte[]? FormerAuthorityKey { get; init; }

    public byte[]? FormerAuthorityCertificate { get; init; }

    /// <summary>Certificates (DER) of older ones, newest first: what gateways signed in their time may be read late.</summary>
    public byte[][] PastAuthorities { get; init; } = [];

    /// <summary>DRK's public half; null until shares were made and confirmed.</summary>
    public byte[]? RecoveryKey { get; init; }

    public DateTimeOffset? RecoveryMadeAt { get; init; }

    /// <summary>When three shares last proved that they open what there is.</summary>
    public DateTimeOffset? LastDrillAt { get; init; }

    /// <summary>
    /// How often Control was restored from its backup: stands above fences, incarnations and leaves, so that nothing
    /// that was given out before is given out again.
    /// </summary>
    public uint RestoreGeneration { get; init; }

    /// <summary>The restore with which the audit log began anew, because nothing of it was left; 0: none.</summary>
    public uint AuditBegan { get; init; }
}
