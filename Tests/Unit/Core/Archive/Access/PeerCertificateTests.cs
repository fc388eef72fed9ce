using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Access;

public sealed class PeerCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly PeerIdentity Peer = new(Region.Eu, PeerRole.Gateway, "gateway-1");

    private readonly CertificateAuthority _authority = CertificateAuthority.Create(Region.Eu, Now);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void IssuedCertificate_NamesItsPeer_WhileItLasts()
    {
        var certificate = Issue(_authority);
        Assert.True(PeerCertificate.TryVerify(certificate, _authority.Certificate, Now, out var peer));
        Assert.Equal(Peer, peer);
        var end = Now.AddHours(24);
        Assert.True(PeerCertificate.TryVerify(certificate, _authority.Certificate, end.AddSeconds(-1), out _));
        Assert.False(PeerCertificate.TryVerify(certificate, _authority.Certificate, end.AddSeconds(1), out _));
        Assert.False(PeerCertificate.TryVerify(certificate, _authority.Certificate, Now.AddMinutes(-6), out _));
    }

    [Fact]
    public void RememberedCertificate_StillRunsOut_AndAForeignOneIsNotRemembered()
    {
        var trust = new PeerTrust(_authority.Certificate);
        var certificate = Issue(_authority);
        for (var i = 0; i < 2; i++)
        {
            Assert.True(trust.TryVerify(certificate, Now, out var peer));
            Assert.Equal(Peer, peer.Identity);
            var signature = _key.SignData(
                "data"u8, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            Assert.True(peer.Signed("data"u8, signature));
            Assert.False(peer.Signed("date"u8, signature));
            Assert.False(trust.TryVerify(certificate, Now.AddHours(25), out _));
            Assert.False(trust.TryVerify(certificate, Now.AddHours(-1), out _));
        }
        using var other = CertificateAuthority.Create(Region.Eu, Now);
        for (var i = 0; i < 2; i++) Assert.False(trust.TryVerify(Issue(other), Now, out _));
    }

    [Fact]
    public void AuthorityOpenedAgain_IssuesUnderTheSameCertificate()
    {
        using var secret = _authority.ExportPrivateKey();
        using var again = CertificateAuthority.Open(secret, _authority.Certificate);
        Assert.True(PeerCertificate.TryVerify(Issue(again), _authority.Certificate, Now, out _));
    }

    [Fact]
    public void AnotherAuthority_TheAuthorityItself_AndRubbish_AreRefused()
    {
        using var other = CertificateAuthority.Create(Region.Eu, Now);
        Assert.False(PeerCertificate.TryVerify(Issue(_authority), other.Certificate, Now, out _));
        Assert.False(PeerCertificate.TryVerify(_authority.Certificate, _authority.Certificate, Now, out _));
        Assert.False(PeerCertificate.TryVerify([], _authority.Certificate, Now, out _));
        Assert.False(PeerCertificate.TryVerify([0x30, 3, 2, 1, 1], _authority.Certificate, Now, out _));
        Assert.False(PeerCertificate.TryVerify(new byte[5000], _authority.Certificate, Now, out _));
    }

    [Fact]
    public void EveryFlippedByte_IsRefused()
    {
        var certificate = Issue(_authority);
        for (var at = 0; at < certificate.Length; at++)
        {
            certificate[at] ^= 0x20;
            Assert.False(PeerCertificate.TryVerify(certificate, _authority.Certificate, Now, out _), $"byte {at}");
            certificate[at] ^= 0x20;
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void SecondName_OrNoClientUse_IsRefused(bool secondName, bool serverOnly)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(Peer.ToString()));
        if (secondName) names.AddUri(new Uri("spiffe://ama/eu/backend/silo-1"));
        var uses = new OidCollection { new("1.3.6.1.5.5.7.3.1") };
        if (!serverOnly) uses.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        var request = new CertificateRequest("CN=x", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, false));
        request.CertificateExtensions.Add(names.Build());
        using var secret = _authority.ExportPrivateKey();
        using var authorityKey = ECDsa.Create();
        authorityKey.ImportPkcs8PrivateKey(secret.Span, out _);
        using var root = X509CertificateLoader.LoadCertificate(_authority.Certificate);
        using var issued = request.Create(
            root.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), Now, Now.AddHours(1), [1, 2, 3]);

        Assert.False(PeerCertificate.TryVerify(issued.RawData, _authority.Certificate, Now, out _));
    }

    [Theory]
    [InlineData("spiffe://ama/eu/backend/silo-1", true)]
    [InlineData("spiffe://ama/us/gateway/g", true)]
    [InlineData("spiffe://ama/mars/backend/silo-1", false)]
    [InlineData("spiffe://ama/eu/operator/silo-1", false)]
    [InlineData("spiffe://ama/eu/backend/", false)]
    [InlineData("spiffe://ama/eu/backend/Silo", false)]
    [InlineData("spiffe://ama/eu/backend/a/b", false)]
    [InlineData("spiffe://amb/eu/backend/a", false)]
    [InlineData("https://ama/eu/backend/a", false)]
    [InlineData(null, false)]
    public void Identity_IsReadStrictly(string? uri, bool good)
    {
        Assert.Equal(good, PeerIdentity.TryParse(uri, out var peer));
        if (good) Assert.Equal(uri, peer!.ToString());
    }

    private byte[] Issue(CertificateAuthority authority)
    {
        Assert.True(CertificateAuthority.TryReadPublicKey(_key.ExportSubjectPublicKeyInfo(), out var key));
        return authority.Issue(Peer, key, Now, TimeSpan.FromHours(24), new SeededRandom(5));
    }
}
