using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Tests.Unit.Core.Archive.Sealing;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Leases;

public sealed class LeaseDocumentsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly SeededRandom Random = new(31);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CertificateAuthority _authority = CertificateAuthority.Create(Region.Eu, Now);

    public void Dispose()
    {
        _key.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Request_ComesBackAsItWas()
    {
        var request = Request();
        Assert.True(TryAdmit(request.Sign(_key), out var read));
        Assert.Equivalent(request, read, strict: true);
    }

    [Fact]
    public void EveryFlippedBitOfARequest_IsRefused()
    {
        var signed = Request().Sign(_key);
        for (var at = 0; at < signed.Length; at++)
        {
            signed[at] ^= (byte)(1 << at % 8);
            Assert.False(TryAdmit(signed, out _), $"byte {at}");
            signed[at] ^= (byte)(1 << at % 8);
        }
        Assert.True(TryAdmit(signed, out _));
    }

    [Theory]
    [InlineData("\"purpose\":\"ingest\"", "\"purpose\":2")]
    [InlineData("\"purpose\":\"ingest\"", "\"purpose\":\"everything\"")]
    [InlineData("\"siloId\"", "\"siloid\"")]
    [InlineData("\"reports\":[]", "\"reports\":[null]")]
    [InlineData("\"reports\":[]", "\"reports\":null")]
    [InlineData("\"reports\":[]", "\"reports\":[],\"more\":true")]
    [InlineData("\"generation\":0,\"leaves\":[]", "\"leaves\":[]")]
    [InlineData(",\"leaves\":[]", "")]
    [InlineData("\"leaves\":[]", "\"leaves\":null")]
    [InlineData("\"leaves\":[]", "\"leaves\":[-1]")]
    public void Request_IsReadStrictly_EvenWhenSigned(string good, string bad)
    {
        var body = Encoding.UTF8.GetString(Request().Sign(_key)[64..]);
        Assert.Contains(good, body);
        Assert.True(TryAdmit(SignText(body), out _));
        Assert.False(TryAdmit(SignText(body.Replace(good, bad)), out _));
    }

    [Fact]
    public void RequestSignedByAnotherThanTheCertificatesKey_IsRefused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(TryAdmit(Request().Sign(other), out _));
    }

    [Fact]
    public void Grant_AnswersOneRequestOnly()
    {
        using var seed = Secret.Random(Random);
        var key = SignedDocument.PublicKeyOf(seed);
        var request = Request();
        var grant = new LeaseGrant(
            Random.NextId(), request.Tenant, request.SiloId, request.Purpose, 3, 3600, 1200, 86_400, request.Nonce,
            request.Suite, [1], [2]);
        var signed = grant.Sign(seed);

        Assert.True(LeaseGrant.TryVerify(signed, key, request, out var read));
        Assert.Equivalent(grant, read, strict: true);
        Assert.False(LeaseGrant.TryVerify(signed, key, request with { Nonce = Random.NextBytes(32) }, out _));
        Assert.False(LeaseGrant.TryVerify(signed, key, request with { SiloId = "silo-2" }, out _));
        Assert.False(LeaseGrant.TryVerify(signed, key, request with { Tenant = Random.NextId() }, out _));
        Assert.False(LeaseGrant.TryVerify(signed, key, request with { Purpose = LeasePurpose.Read }, out _));
        Assert.False(LeaseGrant.TryVerify(signed, key, request with { Suite = LeaseSuite.Hybrid }, out _));
        for (var at = 0; at < signed.Length; at++)
        {
            signed[at] ^= 4;
            Assert.False(LeaseGrant.TryVerify(signed, key, request, out _), $"byte {at}");
            signed[at] ^= 4;
        }
    }

    private bool TryAdmit(byte[] signed, [NotNullWhen(true)] out LeaseRequest? request)
    {
        try
        {
            request = LeaseRules.Admit(signed, new PeerTrust(_authority.Certificate), Region.Eu, Now);
            return true;
        }
        catch (LeaseRefusedException)
        {
            request = null;
            return false;
        }
    }

    private LeaseRequest Request() => new(
        "silo-1", 4, LeaseSuite.X25519, Random.NextBytes(32), Certificate(), LeasePurpose.Ingest, Region.Eu, Random.NextId(),
        [new LeaseTarget(1, 24_435, 0, [])], null, null, null, 3600, Random.NextBytes(32), Now, []);

    private byte[] Certificate()
    {
        var key = new PublicKey(_key);
        var peer = new PeerIdentity(Region.Eu, PeerRole.Backend, "silo-1");
        return _authority.Issue(peer, key, Now, TimeSpan.FromHours(24), Random);
    }

    private byte[] SignText(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        byte[] signable = [.. Encoding.ASCII.GetBytes(LeaseRequest.Label), 0, .. SHA256.HashData(bytes)];
        var signature = _key.SignData(
            signable, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return [.. signature, .. bytes];
    }
}
