using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>What is revoked is over at Control at once, is told to silos that ask, and stands in the audit log.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private TestSilo _silo = null!;
    private Guid _tenant;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _tenant = (await _world.CreateTenantAsync()).Id;
        _silo = await TestSilo.JoinAsync(_world);
    }

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task Threat_38_RevokedTenant_IsNotRenewed_ButMayAskAnew()
    {
        var lease = await _silo.IngestAsync(_tenant);
        await RevokeAsync(Revocation.OfTenant(_tenant, held: false));
        await RenewalRefusedAsync(lease, "revoked for the tenant");
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var anew = await _silo.IngestAsync(_tenant);
        await _silo.RenewAsync(Renewal(anew));
    }

    [Fact]
    public async Task QuarantinedSilo_GetsNoLease_UntilItIsLifted_AlsoAfterARestartOfControl()
    {
        var lease = await _silo.IngestAsync(_tenant);
        await RevokeAsync(Revocation.OfSilo("silo-1", held: true));
        await _world.KillAsync();
        await RenewalRefusedAsync(lease, "quarantine");
        await GrantRefusedAsync(_silo.Request(LeasePurpose.Queue), "quarantine");
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        await other.IngestAsync(_tenant);

        Assert.True(await Revoking.Lift(Revocation.OfSilo("silo-1", held: true), "operator"));

        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        await _silo.IngestAsync(_tenant);
        Assert.Contains(await AuditTrail.ReadAsync(_world), entry => entry is
        {
            Act: AuditAct.RevocationLift, Silo: "silo-1", Person: "operator",
        });
    }

    [Fact]
    public async Task RevokedSession_OpensNothingMore()
    {
        await _silo.IngestAsync(_tenant);
        var token = await Auditors.TokenAsync(_world, ControlWorld.Tenant);
        var search = _silo.Request(LeasePurpose.Search, _tenant, _silo.PartNow()) with { AccessToken = token };
        await _silo.GrantAsync(search);
        Assert.True(AMA.Archive.Access.AccessGrant.TryReadUnverified(token, out var person));
        await RevokeAsync(Revocation.OfSession(person.Session));
        await GrantRefusedAsync(
            _silo.Request(LeasePurpose.Search, _tenant, _silo.PartNow()) with { AccessToken = token }, "session");
    }

    [Fact]
    public async Task SiloThatAsks_HearsAtOnce_AndOtherwiseWithinTwoSeconds()
    {
        var feed = _world.Grain<IRevocationsGrain>("eu");
        var first = feed.Since(0);
        Assert.False(first.IsCompleted);
        await RevokeAsync(Revocation.OfTenant(_tenant, held: false));
        var told = await first;
        Assert.Equal(("tenant", _tenant), (Assert.Single(told.Revocations).Kind, told.Revocations[0].Subject));

        var second = feed.Since(told.Version);
        // The clock may stand until the call has come to wait: it is moved on until the answer is there.
        while (!second.IsCompleted)
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
        Assert.Empty((await second).Revocations);
    }

    [Fact]
    public async Task OnlyControlItself_MayRevoke()
    {
        var outside = _world.Grain<IRevokingGrain>("eu");
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => outside.Revoke(Revocation.OfRegion(held: true), "me"));
        await _silo.IngestAsync(_tenant);
    }

    [Fact]
    public async Task Operator_RevokesOverTheAdminSocket_AndIsOnRecord()
    {
        using var admin = AdminSocketTests.Open(_world.Options.AdminSocket, _world.OperatorToken);
        using var body = new StringContent(
            """{"kind":"silo","silo":"silo-1","held":true}""", null, "application/json");
        (await admin.PostAsync("/v1/revocations", body)).EnsureSuccessStatusCode();
        await GrantRefusedAsync(_silo.Request(LeasePurpose.Queue), "quarantine");
        Assert.Contains(await AuditTrail.ReadAsync(_world), entry => entry is
        {
            Act: AuditAct.Revocation, Silo: "silo-1", Person: "operator", Granted: true,
        });
    }

    private IRevokingGrain Revoking => _world.Service<IGrainFactory>().GetGrain<IRevokingGrain>("eu");

    private Task RevokeAsync(Revocation revocation) => Revoking.Revoke(revocation, "operator");

    private LeaseRequest Renewal(Lease lease) =>
        _silo.Request(LeasePurpose.Ingest, _tenant) with { LeaseId = lease.Grant.LeaseId };

    private async Task RenewalRefusedAsync(Lease lease, string reason) => await OnRecordAsync(
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.RenewAsync(Renewal(lease))), reason);

    private async Task GrantRefusedAsync(LeaseRequest request, string reason) => await OnRecordAsync(
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.GrantAsync(request)), reason);

    private async Task OnRecordAsync(string message, string reason)
    {
        Assert.Contains(reason, message);
        var entry = (await AuditTrail.ReadAsync(_world))[^1];
        Assert.False(entry.Granted);
        Assert.Contains(reason, entry.Reason);
    }
}
