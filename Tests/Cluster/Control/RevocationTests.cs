using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>What is revoked is over at Control at once, is told to silos that ask, and stands in the audit log.</summary>
public sealed class RevocationTests : JoinedSilo
{
    [Fact]
    public async Task Threat_38_RevokedTenant_IsNotRenewed_ButMayAskAnew()
    {
        var lease = await Silo.IngestAsync(Tenant);
        await RevokeAsync(Revocation.OfTenant(Tenant, held: false));
        await RenewalRefusedAsync(lease, "revoked for the tenant");
        World.Clock.Advance(TimeSpan.FromSeconds(1));
        var anew = await Silo.IngestAsync(Tenant);
        await Silo.RenewAsync(Renewal(anew));
    }

    [Fact]
    public async Task QuarantinedSilo_GetsNoLease_UntilItIsLifted_AlsoAfterARestartOfControl()
    {
        var lease = await Silo.IngestAsync(Tenant);
        await RevokeAsync(Revocation.OfSilo("silo-1", held: true));
        await World.KillAsync();
        await RenewalRefusedAsync(lease, "quarantine");
        await GrantRefusedAsync(Silo.Request(LeasePurpose.Queue), "quarantine");
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        await other.IngestAsync(Tenant);

        Assert.True(await Revoking.Lift(Revocation.OfSilo("silo-1", held: true), "operator"));

        World.Clock.Advance(TimeSpan.FromSeconds(1));
        await Silo.IngestAsync(Tenant);
        Assert.Contains(await AuditTrail.ReadAsync(World), entry => entry is
        {
            Act: AuditAct.RevocationLift, Silo: "silo-1", Person: "operator",
        });
    }

    [Fact]
    public async Task RevokedSession_OpensNothingMore()
    {
        await Silo.IngestAsync(Tenant);
        var token = await Auditors.TokenAsync(World, ControlWorld.Tenant);
        var search = Silo.Request(LeasePurpose.Search, Tenant, Silo.PartNow()) with { AccessToken = token };
        await Silo.GrantAsync(search);
        Assert.True(AMA.Archive.Access.AccessGrant.TryReadUnverified(token, out var person));
        await RevokeAsync(Revocation.OfSession(person.Session));
        await GrantRefusedAsync(
            Silo.Request(LeasePurpose.Search, Tenant, Silo.PartNow()) with { AccessToken = token }, "session");
    }

    [Fact]
    public async Task SiloThatAsks_HearsAtOnce_AndOtherwiseWithinTwoSeconds()
    {
        var feed = World.Grain<IRevocationsGrain>("eu");
        var first = feed.Since(0);
        Assert.False(first.IsCompleted);
        await RevokeAsync(Revocation.OfTenant(Tenant, held: false));
        var told = await first;
        Assert.Equal(("tenant", Tenant), (Assert.Single(told.Revocations).Kind, told.Revocations[0].Subject));

        var second = feed.Since(told.Version);
        // The clock may stand until the call has come to wait: it is moved on until the answer is there.
        while (!second.IsCompleted)
        {
            World.Clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
        Assert.Empty((await second).Revocations);
    }

    [Fact]
    public async Task OnlyControlItself_MayRevoke()
    {
        var outside = World.Grain<IRevokingGrain>("eu");
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => outside.Revoke(Revocation.OfRegion(held: true), "me"));
        await Silo.IngestAsync(Tenant);
    }

    [Fact]
    public async Task Operator_RevokesOverTheAdminSocket_AndIsOnRecord()
    {
        using var admin = AdminSocketTests.Open(World.Options.AdminSocket, World.OperatorToken);
        using var body = new StringContent(
            """{"kind":"silo","silo":"silo-1","held":true}""", null, "application/json");
        (await admin.PostAsync("/v1/revocations", body)).EnsureSuccessStatusCode();
        await GrantRefusedAsync(Silo.Request(LeasePurpose.Queue), "quarantine");
        Assert.Contains(await AuditTrail.ReadAsync(World), entry => entry is
        {
            Act: AuditAct.Revocation, Silo: "silo-1", Person: "operator", Granted: true,
        });
    }

    private IRevokingGrain Revoking => World.Service<IGrainFactory>().GetGrain<IRevokingGrain>("eu");

    private Task RevokeAsync(Revocation revocation) => Revoking.Revoke(revocation, "operator");

    private LeaseRequest Renewal(Lease lease) =>
        Silo.Request(LeasePurpose.Ingest, Tenant) with { LeaseId = lease.Grant.LeaseId };

    private async Task RenewalRefusedAsync(Lease lease, string reason) => await OnRecordAsync(
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(Renewal(lease))),
        AuditAct.LeaseRenewal, reason);

    private async Task GrantRefusedAsync(LeaseRequest request, string reason) => await OnRecordAsync(
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.GrantAsync(request)),
        AuditAct.LeaseGrant, reason);

    private async Task OnRecordAsync(string message, AuditAct act, string reason)
    {
        Assert.Contains(reason, message);
        var entry = await AuditTrail.LastAsync(World, act);
        Assert.False(entry.Granted);
        Assert.Contains(reason, entry.Reason);
    }
}
