using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public sealed class IdentityTests : IAsyncLifetime
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private ControlWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await ControlWorld.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Token_GivesOneShortLivedCertificateForTheCallersKey()
    {
        var enrolment = await EnrolAsync(_world.Enrolment(PeerRole.Backend));

        using var certificate = X509CertificateLoader.LoadCertificate(enrolment.Certificate);
        Assert.Equal(_key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        var now = _world.Clock.GetUtcNow();
        Assert.Equal(now.AddHours(72), new DateTimeOffset(certificate.NotAfter));
        Assert.True(PeerCertificate.TryVerify(enrolment.Certificate, enrolment.CaCertificate, now, out var peer));
        Assert.Equal(new PeerIdentity(Region.Eu, PeerRole.Backend, "silo-1"), peer);
        Assert.Equal("spiffe://ama/eu/backend/silo-1", peer.ToString());
    }

    [Fact]
    public async Task Token_IsGoodOnce_AlsoAfterAKill()
    {
        var token = _world.Enrolment(PeerRole.Backend);
        await EnrolAsync(token);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token));
        await _world.KillAsync();
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token));
    }

    [Fact]
    public async Task Token_IsGoodForTenMinutesAndItsRole()
    {
        var token = _world.Enrolment(PeerRole.Gateway);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token, "backend"));
        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token, "gateway"));
    }

    [Fact]
    public async Task Threat_39_TokenForOneName_LetsNoOtherIn_AndIsNotSpentByTheTry()
    {
        var token = _world.Enrolment(PeerRole.Backend, "silo-9");
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token));
        await EnrolAsync(token, name: "silo-9");
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64url!")]
    public async Task ForeignToken_IsRefused(string token) =>
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => EnrolAsync(token));

    [Fact]
    public async Task OtherKeyOtherRoleOrBadName_IsInvalid()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var token = _world.Enrolment(PeerRole.Backend);
        await InvalidAsync(new(token, "backend", "silo-1", p384.ExportSubjectPublicKeyInfo()));
        await InvalidAsync(new(token, "backend", "silo-1", rsa.ExportSubjectPublicKeyInfo()));
        await InvalidAsync(new(token, "backend", "silo-1", [1, 2, 3]));
        await InvalidAsync(new(token, "operator", "silo-1", _key.ExportSubjectPublicKeyInfo()));
        await InvalidAsync(new(token, "backend", "silo/../x", _key.ExportSubjectPublicKeyInfo()));
        await EnrolAsync(token); // none of them spent it
    }

    [Fact]
    public async Task Incarnations_OnlyGrow_AlsoAfterAKill()
    {
        using var first = await TestSilo.JoinAsync(_world);
        await _world.KillAsync();
        using var second = await TestSilo.JoinAsync(_world);
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        Assert.Equal([1L, 2L, 3L], new[] { first, second, other }.Select(silo => silo.Incarnation));
    }

    private Task<Enrolment> EnrolAsync(string token, string role = "backend", string name = "silo-1") =>
        _world.Identity.Enrol(new(token, role, name, _key.ExportSubjectPublicKeyInfo()));

    private Task InvalidAsync(EnrolmentRequest request) =>
        Refusal.IsAsync(ControlRefusal.Invalid, () => _world.Identity.Enrol(request));
}
