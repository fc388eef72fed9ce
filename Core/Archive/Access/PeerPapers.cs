using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Keys.Leases;

namespace AMA.Archive.Access;

/// <summary>
/// What a process of the region shows and signs with: an ECDSA P-256 key, its certificate, and what it checks others
/// against. A renewal makes new ones; handshakes under way keep the old. Safe for many threads.
/// </summary>
public sealed class PeerPapers : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _turn = new();
    private readonly X509Certificate2 _shown;

    /// <param name="key">Owned from here on.</param>
    /// <param name="authorities">DER.</param>
    /// <param name="signingKey">Control's CSK, raw Ed25519; two while one succeeds the other, newest first.</param>
    /// <exception cref="CryptographicException">
    /// The certificate names no peer, isn't one of these CAs', or belongs to another key.
    /// </exception>
    public PeerPapers(ECDsa key, byte[] certificate, IReadOnlyList<byte[]> authorities, byte[] signingKey)
    {
        if (!new PeerTrust(authorities, []).TryVerifyForRenewal(certificate, out var peer))
            throw new CryptographicException("the certificate is not one of the region's CA");
        if (!peer.PublicKey.AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            throw new CryptographicException("the certificate belongs to another key");
        (_key, Certificate, Authorities, SigningKey) = (key, certificate, authorities, signingKey);
        (Identity, NotBefore, NotAfter) = (peer.Identity, peer.NotBefore, peer.NotAfter);
        using var bare = X509CertificateLoader.LoadCertificate(certificate);
        _shown = bare.CopyWithPrivateKey(key);
    }

    public PeerIdentity Identity { get; }

    /// <summary>DER.</summary>
    public byte[] Certificate { get; }

    public IReadOnlyList<byte[]> Authorities { get; }

    /// <summary>Verifies every document that Control signs; see <see cref="SignedDocument"/>.</summary>
    public byte[] SigningKey { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>At two thirds of its life: the rest is for Control being away.</summary>
    public DateTimeOffset RenewAt => NotBefore + (NotAfter - NotBefore) * 2 / 3;

    /// <summary>For handshakes, with the private key.</summary>
    public X509Certificate2 Shown => _shown;

    /// <summary>To be used within <see cref="Turn"/>: the key object promises nothing to two threads.</summary>
    internal ECDsa Key => _key;

    internal Lock Turn => _turn;

    /// <summary>The request with this key's signature.</summary>
    public byte[] Sign(LeaseRequest request)
    {
        lock (_turn) return request.Sign(_key);
    }

    public void Dispose()
    {
        _shown.Dispose();
        _key.Dispose();
    }
}
