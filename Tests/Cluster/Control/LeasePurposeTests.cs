using AMA.Archive.Access;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Each purpose gets exactly what crypto.md §8's table says, from whom the table says, and nothing else.</summary>
public sealed class LeasePurposeTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private TestSilo _silo = null!;
    private Guid _tenant;
    private Lease _ingest = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _tenant = (await _world.CreateTenantAsync()).Id;
        _silo = await TestSilo.JoinAsync(_world);
        _ingest = await _silo.IngestAsync(_tenant);
        // Leaves 0 to 99 are used and indexed: nothing of a catch-up's business.
        var part = _silo.PartNow();
        await _silo.RenewAsync(_silo.Request(LeasePurpose.Ingest, _tenant) with
        {
            LeaseId = _ingest.Grant.LeaseId, Reports = [new(part.Class, part.Epoch, 0, 0, 100, 100)],
        });
    }

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Audit_GivesAnAuditorTheKeyThatSilosSealTo_AndNobodyElse()
    {
        var lease = await _silo.GrantAsync(await AskAsync(LeasePurpose.Audit, AccessRole.Auditor));
        var secret = Assert.Single(lease.Keys);
        Assert.Equal(LeasedKeyKind.AuditPrivate, secret.Kind);
        Assert.Equal(_ingest.Of(LeasedKeyKind.AuditPublic).Key.Span.ToArray(), KeyAgreement.PublicOf(secret.Key));
        foreach (var role in Enum.GetValues<AccessRole>().Where(role => role != AccessRole.Auditor))
            await RefusedAsync(await AskAsync(LeasePurpose.Audit, role), role == AccessRole.Operator ? "operator" : "role");
    }

    [Theory]
    [InlineData(LeasePurpose.Search), InlineData(LeasePurpose.Read)]
    public async Task SearchAndRead_AreForUsersAndAuditors_NeverForOfficersAdminsOrOperators(LeasePurpose purpose)
    {
        var target = purpose == LeasePurpose.Read ? _silo.PartNow(5) : _silo.PartNow();
        foreach (var role in Enum.GetValues<AccessRole>())
        {
            var request = await AskAsync(purpose, role, target);
            if (role is AccessRole.User or AccessRole.Auditor) await _silo.GrantAsync(request);
            else await RefusedAsync(request, role == AccessRole.Operator ? "operator" : "role");
        }
    }

    [Fact]
    public async Task Maintain_ForAJob_OpensWhatIsIndexed_WithinItsRateItsPartsAndItsTime()
    {
        var indexed = Maintain(null, 1, 2);
        await RefusedAsync(indexed, "indexed");
        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        var epoch = _silo.PartNow().Epoch;
        var job = await Jobs.Open(admin, new("reindex", 1, epoch, epoch, 10, _world.Clock.GetUtcNow().AddMinutes(30)));

        var lease = await _silo.GrantAsync(Maintain(job.Id, 1, 2));
        Assert.Equal(1800, lease.Grant.TtlSeconds); // no longer than its job
        Assert.Equal([1u, 2u], lease.Keys.Where(key => key.Kind == LeasedKeyKind.Leaf).Select(key => key.FirstLeaf));

        await RefusedAsync(
            Maintain(job.Id, 1, 2, 3, 4, 5, 6, 7, 8, 9), "minute", ControlRefusal.Unavailable);
        var elsewhere = Maintain(job.Id, 3);
        await RefusedAsync(
            elsewhere with { Targets = [elsewhere.Targets[0] with { Epoch = epoch - 1 }] }, "not the job's");
        await Jobs.End(admin, job.Id);
        await RefusedAsync(Maintain(job.Id, 3), "ended");
        var shown = Assert.Single(await Jobs.List(await People.TokenAsync(_world, AccessRole.Auditor)));
        Assert.Equal(("reindex", 2L, false, "tenant-admin"), (shown.Purpose, shown.LeavesGiven, shown.Open, shown.OpenedBy));
    }

    [Fact]
    public async Task Job_OfAnybodyButATenantAdmin_IsRefused_AndOnRecord()
    {
        var epoch = _silo.PartNow().Epoch;
        var job = new NewJob("reindex", 1, epoch, epoch, 10, _world.Clock.GetUtcNow().AddMinutes(30));
        foreach (var role in Enum.GetValues<AccessRole>().Where(role => role != AccessRole.TenantAdmin))
        {
            var token = await People.TokenAsync(_world, role);
            await Refusal.IsAsync(ControlRefusal.NotAllowed, () => Jobs.Open(token, job));
            Assert.False((await AuditTrail.LastAsync(_world, AuditAct.Job)).Granted);
        }
        await RefusedAsync(Maintain(Guid.Empty, 1), "no such job");
    }

    [Fact]
    public async Task Export_NeedsTwoOfficersOfTheTwoKinds_AndGivesExactlyTheListedLeaves()
    {
        var auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        var export = await Exports.Open(auditor, new(
            [new(1, _silo.PartNow().Epoch, 0, [3, 5])], new byte[32], _world.Clock.GetUtcNow().AddHours(1)));
        await RefusedAsync(Export(auditor, export.Id, 3), "approved");
        await ApproveAsync(AccessRole.SecurityOfficerTenant, "olga", export.Id);
        await RefusedAsync(Export(auditor, export.Id, 3), "approved");
        await Refusal.IsAsync(
            ControlRefusal.NotAllowed, () => ApproveAsync(AccessRole.SecurityOfficerTenant, "otto", export.Id));
        await Refusal.IsAsync(
            ControlRefusal.NotAllowed, () => ApproveAsync(AccessRole.SecurityOfficerProvider, "olga", export.Id));
        await ApproveAsync(AccessRole.SecurityOfficerProvider, "piet", export.Id);

        var lease = await _silo.GrantAsync(Export(auditor, export.Id, 3, 5));
        Assert.Equal([LeasedKeyKind.Leaf, LeasedKeyKind.Leaf], lease.Keys.Select(key => key.Kind));
        Assert.Equal([3u, 5u], lease.Keys.Select(key => key.FirstLeaf));
        await RefusedAsync(Export(auditor, export.Id, 3, 4), "approved list");
        await RefusedAsync(Export(await People.TokenAsync(_world, AccessRole.User), export.Id, 3), "role");
        _world.Clock.Advance(TimeSpan.FromHours(1));
        auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        await RefusedAsync(Export(auditor, export.Id, 3), "ended");
    }

    [Fact]
    public async Task Export_IsNotApprovedByWhoeverOpenedIt()
    {
        var auditor = await People.TokenAsync(_world, AccessRole.Auditor, "olga");
        var export = await Exports.Open(auditor, new(
            [new(1, _silo.PartNow().Epoch, 0, [3])], new byte[32], _world.Clock.GetUtcNow().AddHours(1)));
        await Refusal.IsAsync(
            ControlRefusal.NotAllowed, () => ApproveAsync(AccessRole.SecurityOfficerTenant, "olga", export.Id));
    }

    [Fact]
    public async Task TenantsPolicy_ShortensItsLeases_AndOnlyAdminAndOperatorSetIt()
    {
        var policy = _world.Grain<ILeasePolicyGrain>($"eu/{_tenant:N}");
        await policy.SetPolicy(await People.TokenAsync(_world, AccessRole.TenantAdmin), 900);
        Assert.Equal(900, (await _silo.IngestAsync(_tenant)).Grant.TtlSeconds);
        await policy.SetPolicy(await People.TokenAsync(_world, AccessRole.Operator), 28_800);
        Assert.Equal(3600, (await _silo.IngestAsync(_tenant)).Grant.TtlSeconds); // the region's own bound

        var admin = await People.TokenAsync(_world, AccessRole.TenantAdmin);
        await Refusal.IsAsync(ControlRefusal.Invalid, () => policy.SetPolicy(admin, 899));
        await Refusal.IsAsync(ControlRefusal.Invalid, () => policy.SetPolicy(admin, 28_801));
        var auditor = await People.TokenAsync(_world, AccessRole.Auditor);
        await Refusal.IsAsync(ControlRefusal.NotAllowed, () => policy.SetPolicy(auditor, 900));
        Assert.Equal(new(28_800, 3600), await policy.Policy(auditor));
    }

    [Theory]
    [InlineData(LeaseSuite.X25519), InlineData(LeaseSuite.Hybrid)]
    public async Task Control_AnswersInTheSuiteItWasAskedWith(LeaseSuite suite)
    {
        using var silo = await TestSilo.JoinAsync(_world, "silo-2", suite);
        var lease = await silo.IngestAsync(_tenant);
        Assert.Equal(suite, lease.Grant.Suite);
        Assert.Equal(suite == LeaseSuite.Hybrid ? 32 + 1088 : 32, lease.Grant.KemCiphertext.Length);
        var weaker = silo.Request(LeasePurpose.Ingest, _tenant, silo.PartNow());
        await RefusedAsync(
            weaker with { Suite = (LeaseSuite)(3 - (int)suite) }, "length of its suite", ControlRefusal.Invalid, silo);
        // The first half of the pair alone, as suite 1: well formed, but not the key that was registered.
        if (suite == LeaseSuite.Hybrid)
            await RefusedAsync(
                weaker with { Suite = LeaseSuite.X25519, KemPublicKey = weaker.KemPublicKey[..32] }, "another key",
                silo: silo);
    }

    private IJobsGrain Jobs => _world.Grain<IJobsGrain>($"eu/{_tenant:N}");

    private IExportsGrain Exports => _world.Grain<IExportsGrain>($"eu/{_tenant:N}");

    private async Task ApproveAsync(AccessRole role, string user, Guid export) =>
        await Exports.Approve(await People.TokenAsync(_world, role, user), export);

    private async Task<LeaseRequest> AskAsync(LeasePurpose purpose, AccessRole role, params LeaseTarget[] targets) =>
        _silo.Request(purpose, _tenant, targets) with { AccessToken = await People.TokenAsync(_world, role) };

    private LeaseRequest Maintain(Guid? job, params uint[] leaves) =>
        _silo.Request(LeasePurpose.Maintain, _tenant, _silo.PartNow(leaves)) with { Job = job };

    private LeaseRequest Export(string token, Guid export, params uint[] leaves) =>
        _silo.Request(LeasePurpose.Export, _tenant, _silo.PartNow(leaves)) with { AccessToken = token, Job = export };

    /// <summary>Refused for this reason, and that stands in the audit log.</summary>
    private async Task RefusedAsync(
        LeaseRequest request, string reason, ControlRefusal refusal = ControlRefusal.NotAuthorised,
        TestSilo? silo = null)
    {
        var message = await Refusal.IsAsync(refusal, () => (silo ?? _silo).GrantAsync(request));
        Assert.Contains(reason, message, StringComparison.OrdinalIgnoreCase);
        var entry = await AuditTrail.LastAsync(_world, AuditAct.LeaseGrant);
        Assert.False(entry.Granted);
        Assert.Contains(reason, entry.Reason, StringComparison.OrdinalIgnoreCase);
    }
}
