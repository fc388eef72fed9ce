using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;

namespace AMA.Grains.Control.Keys;

/// <summary>A CA: its PKCS#8 key and its own certificate (DER).</summary>
internal sealed record Issuer(Secret Key, byte[] Certificate)
{
    public CertificateAuthority Open() => CertificateAuthority.Open(Key, Certificate);

    public DateTimeOffset End()
    {
        using var own = X509CertificateLoader.LoadCertificate(Certificate);
        return new DateTimeOffset(own.NotAfter);
    }
}

/// <summary>The region's CA and, while it is being succeeded, the one before. A value.</summary>
/// <param name="MadeAt">When the newest was published.</param>
/// <param name="Past">DER, newest first: those whose keys are destroyed.</param>
internal sealed record RegionIssuers(Issuer Newest, DateTimeOffset MadeAt, Issuer? Former, byte[][] Past)
{
    /// <summary>A certificate is never issued by a CA with less than that left: it would be cut short.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromDays(4);

    /// <summary>What the document says. Throws <see cref="SealException"/>.</summary>
    public static RegionIssuers Open(RegionKeysDocument document, WrappingKeys root)
    {
        return new(
            new(Unwrap(document.AuthorityKey), document.AuthorityCertificate), document.AuthorityMadeAt,
            document is { FormerAuthorityKey: { } key, FormerAuthorityCertificate: { } certificate }
                ? new(Unwrap(key), certificate)
                : null, document.PastAuthorities);

        Secret Unwrap(byte[] blob) =>
            root.Unwrap(KeyType.Authority, KeyContext.Of(KeyType.Authority, document.Region), blob);
    }

    public bool IsOverlap(DateTimeOffset now) => Former is not null && now < MadeAt + SuccessionTimes.Overlap;

    /// <summary>Issues certificates of others.</summary>
    public Issuer Now(DateTimeOffset now) => FormerUntil(MadeAt + SuccessionTimes.Announced, now) ?? Newest;

    /// <summary>Issues what Control itself shows.</summary>
    public Issuer Own(DateTimeOffset now) => FormerUntil(MadeAt + SuccessionTimes.OwnUntil, now) ?? Newest;

    /// <summary>Whose certificates are believed now, newest first; DER.</summary>
    public IReadOnlyList<byte[]> Accepted(DateTimeOffset now) =>
        IsOverlap(now) ? [Newest.Certificate, Former!.Certificate] : [Newest.Certificate];

    /// <summary>Those that let nobody in any more, newest first; DER.</summary>
    public IReadOnlyList<byte[]> PastAt(DateTimeOffset now) =>
        Former is null || IsOverlap(now) ? Past : [Former.Certificate, .. Past];

    /// <summary>Whether both say the same.</summary>
    public bool Same(RegionIssuers other) =>
        MadeAt == other.MadeAt && Former is null == other.Former is null
        && All().Select(Convert.ToHexString).SequenceEqual(other.All().Select(Convert.ToHexString));

    public void Zero()
    {
        Newest.Key.Dispose();
        Former?.Key.Dispose();
    }

    private IEnumerable<byte[]> All() =>
        Former is null ? [Newest.Certificate, .. Past] : [Newest.Certificate, Former.Certificate, .. Past];

    private Issuer? FormerUntil(DateTimeOffset end, DateTimeOffset now) =>
        Former is { } former && now < end && now < former.End() - Rest ? former : null;
}
