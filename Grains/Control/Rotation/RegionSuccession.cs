using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Rotation;

/// <summary>
/// Successors of the region's signing key (CSK) and CA. Unlike wrapping keys these are known outside: a new one is
/// published first, then used, and the old one is refused only after everybody could hear
/// (<see cref="SuccessionTimes"/>). Each step is one write of the region's document; cut before it nothing has happened.
/// </summary>
public sealed class RegionSuccession(IBlobStore store, KeyRing ring, IRandom random, TimeProvider time)
{
    /// <summary>Public halves that are remembered: of three decades.</summary>
    private const int PastMax = 32;

    private readonly RegionKeysStore _documents = new(store, ring.Region, random);

    public bool IsSigningDue => time.GetUtcNow() >= ring.Signers.MadeAt + SuccessionTimes.SigningLife;

    public bool IsAuthorityDue => time.GetUtcNow() >= ring.AuthorityEnd - SuccessionTimes.AuthorityAhead;

    /// <summary>
    /// Makes and publishes a new signing key. Throws <see cref="ControlException"/> while one is being succeeded.
    /// </summary>
    public async Task RenewSigningAsync(CancellationToken cancel)
    {
        await EndAsync(cancel);
        if (ring.Signers.Former is not null) throw UnderWay("signing key", ring.Signers.MadeAt);
        using var made = Secret.Random(random, SignedDocument.SeedBytes);
        var (wrapped, now) = (Wrap(KeyType.Signing, made), time.GetUtcNow());
        await ChangeAsync(document => document.FormerSigningKey is not null
            ? throw UnderWay("signing key", document.SigningMadeAt)
            : document with
            {
                SigningKey = wrapped, SigningMadeAt = now, FormerSigningKey = document.SigningKey,
            }, cancel);
    }

    /// <summary>As <see cref="RenewSigningAsync"/>, for the CA.</summary>
    public async Task RenewAuthorityAsync(CancellationToken cancel)
    {
        await EndAsync(cancel);
        if (ring.Issuers.Former is not null) throw UnderWay("CA", ring.Issuers.MadeAt);
        var now = time.GetUtcNow();
        using var authority = CertificateAuthority.Create(ring.Region, now);
        using var key = authority.ExportPrivateKey();
        var wrapped = Wrap(KeyType.Authority, key);
        await ChangeAsync(document => document.FormerAuthorityKey is not null
            ? throw UnderWay("CA", document.AuthorityMadeAt)
            : document with
            {
                AuthorityKey = wrapped, AuthorityCertificate = authority.Certificate, AuthorityMadeAt = now,
                FormerAuthorityKey = document.AuthorityKey, FormerAuthorityCertificate = document.AuthorityCertificate,
            }, cancel);
    }

    /// <summary>Destroys what nobody believes any more; the public halves stay for what they signed.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        await AdoptAsync(cancel);
        var (signers, issuers, now) = (ring.Signers, ring.Issuers, time.GetUtcNow());
        var nextSigners = signers.Former is null || signers.IsOverlap(now) ? signers : signers with
        {
            Former = null,
            Past = [SignedDocument.PublicKeyOf(signers.Former), .. signers.Past.Take(PastMax - 1)],
        };
        var nextIssuers = issuers.Former is null || issuers.IsOverlap(now) ? issuers : issuers with
        {
            Former = null, Past = [.. issuers.PastAt(now).Take(PastMax)],
        };
        if (nextSigners == signers && nextIssuers == issuers) return;
        await ChangeAsync(document => document with
        {
            FormerSigningKey = nextSigners.Former is null ? null : document.FormerSigningKey,
            PastSigningKeys = nextSigners.Past,
            FormerAuthorityKey = nextIssuers.Former is null ? null : document.FormerAuthorityKey,
            FormerAuthorityCertificate = nextIssuers.Former is null ? null : document.FormerAuthorityCertificate,
            PastAuthorities = nextIssuers.Past,
        }, cancel);
    }

    /// <summary>A write that throws may be durable all the same: what the document says then counts.</summary>
    private async Task ChangeAsync(Func<RegionKeysDocument, RegionKeysDocument> change, CancellationToken cancel)
    {
        try
        {
            ring.Document = await _documents.ChangeAsync(ring.State, change, cancel);
        }
        finally
        {
            await AdoptAsync(cancel);
        }
    }

    /// <summary>
    /// Memory follows the document. Were it behind, the next step would put a key in the place of one that all
    /// processes know and that it has never heard of.
    /// </summary>
    private async Task AdoptAsync(CancellationToken cancel)
    {
        var document = await _documents.ReadAsync(ring.State, cancel)
            ?? throw new BlobNotFoundException(_documents.Name);
        var (signers, issuers) = (RegionSigners.Open(document, ring.Root), RegionIssuers.Open(document, ring.Root));
        if (signers.Same(ring.Signers) && issuers.Same(ring.Issuers))
        {
            signers.Zero();
            issuers.Zero();
            return;
        }
        ring.Document = document;
        ring.Succeed(signers, issuers);
    }

    private byte[] Wrap(KeyType type, Secret key) =>
        ring.Root.Wrap(type, KeyContext.Of(type, ring.Region), key, random);

    private static ControlException UnderWay(string what, DateTimeOffset madeAt) => new(ControlRefusal.Invalid,
        $"The {what} is being succeeded until {madeAt + SuccessionTimes.Overlap:yyyy-MM-dd}: the one before still "
        + "counts. Then it can be rotated again.");
}
