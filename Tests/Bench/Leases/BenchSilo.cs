using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Tests.Bench.Leases;

/// <summary>An archive silo as Control sees it: certificate, key for answers, requests.</summary>
internal sealed class BenchSilo : IDisposable
{
    private readonly IGrainFactory _grains;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly LeaseKemPair _kem;
    private byte[] _certificate = [];
    private byte[] _signingKey = [];
    private long _incarnation;

    private BenchSilo(IGrainFactory grains, LeaseSuite suite) =>
        (_grains, _kem) = (grains, LeaseKemPair.Create(suite, SystemRandom.Instance));

    public static async Task<BenchSilo> JoinAsync(IGrainFactory grains, EnrolmentTokens tokens, string name, LeaseSuite suite)
    {
        var silo = new BenchSilo(grains, suite) { Name = name };
        var identity = grains.GetGrain<IIdentityGrain>("eu");
        var enrolment = await identity.Enrol(
            new(tokens.Mint(PeerRole.Backend, name), "backend", name, silo._key.ExportSubjectPublicKeyInfo()));
        (silo._certificate, silo._signingKey) = (enrolment.Certificate, enrolment.SigningKey);
        silo._incarnation = await identity.RegisterIncarnation(silo.Request(LeasePurpose.Register, null).Sign(silo._key));
        return silo;
    }

    private string Name { get; init; } = "";

    /// <summary>Asks, waits for the answer, opens its keys, as a silo does.</summary>
    public async Task<int> GrantAsync(LeasePurpose purpose, Guid tenant, string? token, params uint[] leaves)
    {
        var part = RetentionPart.At(default, TimeProvider.System.GetUtcNow());
        var request = Request(purpose, tenant) with
        {
            Targets = [new(part.Class, part.Epoch, 0, leaves)], AccessToken = token,
        };
        var signed = request.Sign(_key);
        var answer = await _grains.GetGrain<ILeaseGrain>($"eu/{tenant:N}").Grant(signed);
        if (!LeaseGrant.TryVerify(answer, _signingKey, request, out var grant))
            throw new InvalidOperationException("not Control's answer");
        var keys = LeaseSeal.OpenKeys(grant, signed, _kem);
        foreach (var key in keys) key.Dispose();
        return keys.Length;
    }

    public void Dispose()
    {
        _key.Dispose();
        _kem.Dispose();
    }

    private LeaseRequest Request(LeasePurpose purpose, Guid? tenant) => new(
        Name, _incarnation, _kem.Suite, _kem.PublicKey, _certificate, purpose, Region.Eu, tenant, [], null, null, null,
        3600, SystemRandom.Instance.NextBytes(LeaseLimits.NonceBytes), TimeProvider.System.GetUtcNow(), []);
}
