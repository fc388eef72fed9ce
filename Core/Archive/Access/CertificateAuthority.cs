using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Ids;
using AMA.Archive.Keys;

namespace AMA.Archive.Access;

/// <summary>
/// A region's issuing CA: an ECDSA P-256 key with its self-signed certificate. Issues the short-lived certificates of
/// gateways and silos. Not for several threads at once.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>Clocks of peers may be behind ours by as much.</summary>
    public static readonly TimeSpan BackDating = TimeSpan.FromMinutes(5);

    private const int SerialBytes = 16;
    private static readonly TimeSpan Life = TimeSpan.FromDays(2 * 365);

    private readonly ECDsa _key;
    private readonly X500DistinguishedName _name;
    private readonly X509AuthorityKeyIdentifierExtension _keyId;

    private CertificateAuthority(ECDsa key, byte[] certificate)
    {
        _key = key;
        Certificate = certificate;
        using var own = X509CertificateLoader.LoadCertificate(certificate);
        _name = own.SubjectName;
        NotAfter = new DateTimeOffset(own.NotAfter);
        _keyId = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(own, true, false);
    }

    /// <summary>DER.</summary>
    public byte[] Certificate { get; }

    public DateTimeOffset NotAfter { get; }

    public static CertificateAuthority Create(Region region, DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=AMA {region.Text()} issuing CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - BackDating, now + Life);
        return new(key, certificate.RawData);
    }

    /// <param name="privateKey">From <see cref="ExportPrivateKey"/>.</param>
    public static CertificateAuthority Open(Secret privateKey, byte[] certificate)
    {
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(privateKey.Span, out _);
        return new(key, certificate);
    }

    /// <summary>PKCS#8; the caller wraps it.</summary>
    public Secret ExportPrivateKey()
    {
        var bytes = _key.ExportPkcs8PrivateKey();
        var secret = Secret.Copy(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return secret;
    }

    /// <summary>
    /// True for the SubjectPublicKeyInfo of an ECDSA P-256 key: the only kind that gets a certificate.
    /// </summary>
    public static bool TryReadPublicKey(ReadOnlySpan<byte> subjectPublicKeyInfo, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            var curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid.Value;
            if (read != subjectPublicKeyInfo.Length || curve != ECCurve.NamedCurves.nistP256.Oid.Value) return false;
            key = new PublicKey(ecdsa);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>A DER certificate for <paramref name="key"/>, valid from a little before now.</summary>
    public byte[] Issue(PeerIdentity peer, PublicKey key, DateTimeOffset now, TimeSpan life, IRandom random)
    {
        var request = new CertificateRequest(
            new X500DistinguishedName($"CN={peer.Name}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(PeerCertificate.ServerAuthentication), new Oid(PeerCertificate.ClientAuthentication)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(peer.ToString()));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(_keyId);
        var end = now + life < NotAfter ? now + life : NotAfter;
        using var certificate = request.Create(
            _name, X509SignatureGenerator.CreateForECDsa(_key), now - BackDating, end, Serial(random));
        return certificate.RawData;
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Serial(IRandom random)
    {
        var serial = random.NextBytes(SerialBytes);
        serial[0] = (byte)(serial[0] & 0x7f | 0x40); // positive and of full length
        return serial;
    }
}
