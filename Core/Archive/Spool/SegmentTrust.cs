using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Archive.Spool;

/// <summary>
/// Whose segments count: those signed by a gateway that this region's authority certified, made while their queue key
/// was valid. Safe for many threads.
/// </summary>
public sealed class SegmentTrust
{
    /// <summary>
    /// Certificates whose chain is remembered as good. Gateways are few; a flood of forged ones isn't kept.
    /// </summary>
    public const int RememberedMax = 1_024;

    private readonly Func<PeerTrust> _peers;
    private readonly Region _region;
    private readonly Func<ulong, QueuePublicKey?> _queueKeys;
    private volatile Remembered _remembered;

    /// <param name="peers">Asked on every segment: authorities and who was expelled change while a silo runs.</param>
    /// <param name="queueKeys">The signed document's entry of a key id, or null.</param>
    public SegmentTrust(Func<PeerTrust> peers, Region region, Func<ulong, QueuePublicKey?> queueKeys)
    {
        _peers = peers;
        _region = region;
        _queueKeys = queueKeys;
        _remembered = new(peers());
    }

    /// <summary>For whoever knows of one authority and nobody expelled.</summary>
    /// <param name="authority">The region's CA certificate, DER.</param>
    public SegmentTrust(byte[] authority, Region region, Func<ulong, QueuePublicKey?> queueKeys)
        : this(AlwaysOf(authority), region, queueKeys)
    {
    }

    /// <summary>
    /// Checks everything that the header and the certificate say; the key that must have signed. Throws
    /// <see cref="SegmentException"/>: Region, QueueKeyUnknown, QueueKeyValidity, Certificate, Role, Revoked.
    /// </summary>
    internal GatewayCertificate Check(SegmentHead head, ReadOnlySpan<byte> certificate)
    {
        SegmentException.Unless(head.Region == _region, SegmentFault.Region, $"a segment of region {head.Region}");
        var queueKey = _queueKeys(head.QueueKeyId) ?? throw new SegmentException(
            SegmentFault.QueueKeyUnknown, $"queue key {head.QueueKeyId} isn't known");
        SegmentException.Unless(
            head.Created >= queueKey.NotBefore && head.Created <= queueKey.NotAfter, SegmentFault.QueueKeyValidity,
            $"made at {head.Created:O}, when queue key {head.QueueKeyId} wasn't valid");
        var peers = _peers();
        var gateway = Remember(peers, certificate);
        SegmentException.Unless(gateway.Region == _region, SegmentFault.Region, "a gateway of another region");
        // What an expelled gateway had taken before lies nowhere else any more: only what it made since is refused.
        SegmentException.Unless(
            !peers.IsRevoked(gateway.Identity, gateway.NotBefore, head.Created), SegmentFault.Revoked,
            $"made at {head.Created:O}, when {gateway.Identity} was expelled");
        // Not "valid now": mail may lie in the queue for long. And a gateway may outlive its certificate for a while.
        SegmentException.Unless(
            head.Created >= gateway.NotBefore && head.Created <= gateway.NotAfter + SegmentLimits.ExpiredSpoolingMax,
            SegmentFault.Certificate, $"made at {head.Created:O}, outside of its certificate's time");
        return gateway;
    }

    private static Func<PeerTrust> AlwaysOf(byte[] authority)
    {
        var peers = new PeerTrust(authority);
        return () => peers;
    }

    private GatewayCertificate Remember(PeerTrust peers, ReadOnlySpan<byte> der)
    {
        var remembered = _remembered;
        if (!ReferenceEquals(remembered.Peers, peers)) _remembered = remembered = new(peers);
        var hash = Convert.ToHexString(SHA256.HashData(der));
        if (remembered.Gateways.TryGetValue(hash, out var known)) return known;
        var gateway = GatewayCertificate.Read(der, [.. peers.Authorities, .. peers.Past]);
        if (remembered.Gateways.Count < RememberedMax) remembered.Gateways[hash] = gateway;
        return gateway;
    }

    /// <summary>Certificates found good, as long as the same authorities count.</summary>
    private sealed record Remembered(PeerTrust Peers)
    {
        public ConcurrentDictionary<string, GatewayCertificate> Gateways { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>A certificate that the authority issued for a gateway, as far as time doesn't matter.</summary>
internal sealed record GatewayCertificate(
    PeerIdentity Identity, DateTimeOffset NotBefore, DateTimeOffset NotAfter, byte[] PublicKey)
{
    private const string P256 = "1.2.840.10045.3.1.7";

    public Region Region => Identity.Region;

    /// <summary>Throws <see cref="SegmentException"/>: Certificate, Role.</summary>
    public static GatewayCertificate Read(ReadOnlySpan<byte> der, IReadOnlyList<byte[]> authorities)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return new GatewayCertificate(
                IdentityOf(certificate, authorities), certificate.NotBefore, certificate.NotAfter, KeyOf(certificate));
        }
        catch (CryptographicException fault)
        {
            // Any field of a damaged certificate may be unreadable, also after it was loaded.
            throw new SegmentException(SegmentFault.Certificate, "not a certificate", fault);
        }
    }

    public bool Verify(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature)
    {
        // Made anew for each segment: a key object is not for two threads, and the import costs little.
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey, out _);
        return key.VerifyData(
            statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static PeerIdentity IdentityOf(X509Certificate2 certificate, IReadOnlyList<byte[]> authorities)
    {
        var identity = authorities.Select(authority => IdentityOf(certificate, authority)).OfType<PeerIdentity>()
            .FirstOrDefault();
        SegmentException.Unless(
            identity is not null, SegmentFault.Certificate, "not issued by this region's authority");
        SegmentException.Unless(identity!.Role == PeerRole.Gateway, SegmentFault.Role, $"{identity} is no gateway");
        return identity;
    }

    private static PeerIdentity? IdentityOf(X509Certificate2 certificate, byte[] authority)
    {
        using var issuer = X509CertificateLoader.LoadCertificate(authority);
        // Some moment when both were valid; the segment's own moment is checked against the certificate each time.
        var moment = new[] { certificate.NotBefore, issuer.NotBefore }.Max();
        return PeerCertificate.TryVerify(certificate.RawDataMemory.Span, authority, moment, out var identity)
            ? identity
            : null;
    }

    private static byte[] KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPublicKey();
        SegmentException.Unless(
            key?.ExportParameters(false).Curve.Oid.Value == P256, SegmentFault.Certificate, "not a P-256 certificate");
        return key!.ExportSubjectPublicKeyInfo();
    }
}
