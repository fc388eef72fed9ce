using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>An archive silo as Control sees it: a certificate, a key in memory, and requests.</summary>
internal sealed class TestSilo : IDisposable
{
    private readonly ControlWorld _world;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly LeaseKemPair _kem;

    private TestSilo(ControlWorld world, string name, LeaseSuite suite)
    {
        _world = world;
        Name = name;
        _kem = LeaseKemPair.Create(suite, SystemRandom.Instance);
    }

    public string Name { get; }
    public long Incarnation { get; set; }
    public byte[] Certificate { get; set; } = [];
    public byte[] SigningKey { get; private set; } = [];

    /// <summary>An enrolled and registered silo.</summary>
    public static async Task<TestSilo> JoinAsync(
        ControlWorld world, string name = "silo-1", LeaseSuite suite = LeaseSuite.Hybrid)
    {
        var silo = new TestSilo(world, name, suite);
        await silo.EnrolAsync(PeerRole.Backend);
        silo.Incarnation = await world.Identity.RegisterIncarnation(silo.Sign(silo.Request(LeasePurpose.Register)));
        return silo;
    }

    /// <summary>Enrolled only.</summary>
    public static async Task<TestSilo> EnrolledAsync(ControlWorld world, string name, PeerRole role)
    {
        var silo = new TestSilo(world, name, LeaseSuite.Hybrid);
        await silo.EnrolAsync(role);
        return silo;
    }

    public async Task EnrolAsync(PeerRole role)
    {
        var enrolment = await _world.Identity.Enrol(new EnrolmentRequest(
            _world.Enrolment(role, Name), PeerIdentity.RoleText(role), Name, _key.ExportSubjectPublicKeyInfo()));
        (Certificate, SigningKey) = (enrolment.Certificate, enrolment.SigningKey);
    }

    public ECDsa Key => _key;

    public LeaseKemPair Kem => _kem;

    public LeaseRequest Request(LeasePurpose purpose, Guid? tenant = null, params LeaseTarget[] targets) => new(
        Name, Incarnation, _kem.Suite, _kem.PublicKey, Certificate, purpose, Region.Eu, tenant, targets, null, null, null,
        3600,
        SystemRandom.Instance.NextBytes(32), _world.Clock.GetUtcNow(), []);

    public byte[] Sign(LeaseRequest request) => request.Sign(_key);

    public Task<Lease> GrantAsync(LeaseRequest request) => GrantAsync(request, Sign(request));

    public async Task<Lease> GrantAsync(LeaseRequest request, byte[] signed) =>
        Open(request, signed, await GrainOf(request).Grant(signed));

    public async Task<LeaseGrant> RenewAsync(LeaseRequest request)
    {
        var answer = await GrainOf(request).Renew(Sign(request));
        Assert.True(LeaseGrant.TryVerify(answer, SigningKey, request, out var grant));
        return grant;
    }

    public Task ReleaseAsync(LeaseRequest request) => GrainOf(request).Release(Sign(request));

    public Task<Lease> IngestAsync(Guid tenant) => GrantAsync(Request(LeasePurpose.Ingest, tenant, PartNow()));

    /// <summary>The part that mail accepted now belongs to.</summary>
    public LeaseTarget PartNow(params uint[] leaves)
    {
        var part = RetentionPart.At(default, _world.Clock.GetUtcNow());
        return new(part.Class, part.Epoch, 0, leaves);
    }

    public void Dispose()
    {
        _key.Dispose();
        _kem.Dispose();
    }

    private ILeaseGrain GrainOf(LeaseRequest request) =>
        _world.Grain<ILeaseGrain>(request.Tenant is { } tenant ? $"eu/{tenant:N}" : "eu");

    private Lease Open(LeaseRequest request, byte[] signed, byte[] answer)
    {
        Assert.True(LeaseGrant.TryVerify(answer, SigningKey, request, out var grant));
        return new(grant, LeaseSeal.OpenKeys(grant, signed, _kem));
    }
}

/// <summary>A lease as its holder has it.</summary>
internal sealed record Lease(LeaseGrant Grant, LeasedKey[] Keys)
{
    public LeasedKey Subtree => Keys.Single(key => key.Kind == LeasedKeyKind.Subtree);

    public LeasedKey Of(LeasedKeyKind kind) => Keys.Single(key => key.Kind == kind);

    /// <summary>The key of a leaf under the leased subtree.</summary>
    public Secret Leaf(uint leaf)
    {
        var node = Subtree;
        using var tree = KeyTree.FromNodes([new TreeNode(node.FirstLeaf, node.Depth, node.Key)]);
        Assert.True(tree.TryLeaf(leaf, out var key));
        return key;
    }
}
