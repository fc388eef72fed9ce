using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AMA.Archive.Access;

/// <summary>
/// Checks certificates that the region's CA gave to gateways and silos (docs/formats/signed-documents.md).
/// </summary>
public static class PeerCertificate
{
    public const int DerBytesMax = 4096;

    internal const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    internal const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    internal const string AlternativeName = "2.5.29.17";

    /// <summary>
    /// True when the certificate was issued by <paramref name="authority"/> itself, is valid at <paramref name="now"/>,
    /// may identify a client, and names exactly one peer and nothing else.
    /// </summary>
    /// <param name="certificate">DER, from an untrusted peer.</param>
    /// <param name="authority">The CA's certificate, DER.</param>
    public static bool TryVerify(
        ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> authority, DateTimeOffset now,
        [NotNullWhen(true)] out PeerIdentity? identity)
    {
        identity = null;
        if (certificate.Length is 0 or > DerBytesMax) return false;
        try
        {
            using var peer = X509CertificateLoader.LoadCertificate(certificate);
            using var root = X509CertificateLoader.LoadCertificate(authority);
            return ChainsTo(root, peer, now) && TryReadIdentity(peer, out identity);
        }
        catch (CryptographicException)
        {
            return false; // not a certificate
        }
    }

    private static bool ChainsTo(X509Certificate2 root, X509Certificate2 peer, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.Add(root);
        policy.RevocationMode = X509RevocationMode.NoCheck; // lives 24 to 72 h; Control numbers incarnations instead
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = now.UtcDateTime;
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(peer) && chain.ChainElements.Count == 2;
    }

    private static bool TryReadIdentity(X509Certificate2 peer, [NotNullWhen(true)] out PeerIdentity? identity)
    {
        identity = null;
        var extension = peer.Extensions[AlternativeName];
        if (extension is null) return false;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            var uri = names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6));
            return !names.HasData && PeerIdentity.TryParse(uri, out identity);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
