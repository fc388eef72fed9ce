using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>
/// What a silo gone bad, or someone between it and Control, may try (threats.md, rows 26, 38, 39). What reaches Control is
/// refused with its reason and on record; what does not is worth nothing. Others stand in LeaseRefusalTests.
/// </summary>
public sealed class LeaseAttackTests : JoinedSilo
{
    [Fact]
    public async Task Threat_39_GrantForAnotherSilo_OpensNothing_ForWhoeverIntercepts()
    {
        using var thief = await TestSilo.JoinAsync(World, "silo-2");
        var request = Silo.Request(LeasePurpose.Ingest, Tenant, Silo.PartNow());
        var signed = Silo.Sign(request);
        var answer = await World.Grain<ILeaseGrain>($"eu/{Tenant:N}").Grant(signed);

        Assert.True(LeaseGrant.TryVerify(answer, Silo.SigningKey, request, out var grant));
        Assert.Throws<SealException>(() => LeaseSeal.OpenKeys(grant, signed, thief.Kem));
        Assert.False(LeaseGrant.TryVerify(answer, Silo.SigningKey, request with { SiloId = "silo-2" }, out _));
        Assert.NotEmpty(LeaseSeal.OpenKeys(grant, signed, Silo.Kem));
    }

    [Fact]
    public async Task AlteredGrant_IsNotControls()
    {
        var request = Silo.Request(LeasePurpose.Ingest, Tenant, Silo.PartNow());
        var answer = await World.Grain<ILeaseGrain>($"eu/{Tenant:N}").Grant(Silo.Sign(request));
        Assert.True(LeaseGrant.TryVerify(answer, Silo.SigningKey, request, out _));
        for (var at = 0; at < answer.Length; at += 7)
        {
            answer[at] ^= 1;
            Assert.False(LeaseGrant.TryVerify(answer, Silo.SigningKey, request, out _), $"byte {at}");
            answer[at] ^= 1;
        }
    }

    [Fact]
    public async Task Threat_38_OldFence_WritesNothing_AndIsNotRenewed()
    {
        var store = World.StoreA; // any store will do for a log
        var tenant = new TenantId(Tenant);
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        var first = await Silo.IngestAsync(Tenant);
        var second = await other.IngestAsync(Tenant);
        var old = new TenantLog(store, tenant);
        await TakeOverAsync(old, first.Grant.Fence);
        await TakeOverAsync(new TenantLog(store, tenant), second.Grant.Fence);

        var commit = await old.CommitAsync([Entry(tenant)], default);
        Assert.False(commit.Committed);
        var late = await Assert.ThrowsAsync<LogException>(() => TakeOverAsync(new(store, tenant), first.Grant.Fence));
        Assert.Equal(LogFault.Fenced, late.Fault);
        var renewal = Silo.Request(LeasePurpose.Ingest, Tenant) with { LeaseId = first.Grant.LeaseId };
        await OnRecordAsync(
            "another writer", AuditAct.LeaseRenewal,
            await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(renewal)));
    }

    [Fact]
    public async Task Threat_26_SignedOutPerson_OpensNothing_WithATokenThatIsStillGood()
    {
        await Silo.IngestAsync(Tenant);
        var token = await Auditors.TokenAsync(World, ControlWorld.Tenant);
        await Silo.GrantAsync(Reading(token, 1));
        Assert.True(AccessGrant.TryReadUnverified(token, out var person));
        // The same person, in a session that Control does not know (any more).
        var forgotten = World.Service<AMA.Grains.Control.SignIn.GrantIssuer>()
            .Sign(person with { Session = SystemRandom.Instance.NextId() }).Token;
        await RefusedAsync("session has ended", Reading(forgotten, 1));
    }

    [Fact]
    public async Task LeafThatNobodyWasGiven_IsNotRead_AndAnIngestLeaseOpensNoOlderOne()
    {
        await Silo.IngestAsync(Tenant);
        var token = await Auditors.TokenAsync(World, ControlWorld.Tenant);
        await RefusedAsync("never given out", Reading(token, 70_000), ControlRefusal.NotFound);
        var second = await Silo.IngestAsync(Tenant);
        Assert.Equal(65_536u, second.Subtree.FirstLeaf);
        Assert.Throws<Xunit.Sdk.TrueException>(() => second.Leaf(3));
        await RefusedAsync(
            "for nothing", Silo.Request(LeasePurpose.Ingest, Tenant, Silo.PartNow(3)), ControlRefusal.Invalid);
    }

    [Fact]
    public async Task LeaseUsedForAnotherPurpose_IsNotRenewed()
    {
        var lease = await Silo.IngestAsync(Tenant);
        var renewal = Silo.Request(LeasePurpose.Maintain, Tenant) with { LeaseId = lease.Grant.LeaseId };
        await OnRecordAsync(
            "purpose", AuditAct.LeaseRenewal,
            await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(renewal)));
    }

    [Fact]
    public async Task SiloThatAsksWithoutEnd_MeetsItsQuota()
    {
        for (var i = 0; i < LeaseLimits.LeasesPerSiloMax; i++)
        {
            var lease = await Silo.IngestAsync(Tenant);
            await Silo.RenewAsync(Silo.Request(LeasePurpose.Ingest, Tenant) with { LeaseId = lease.Grant.LeaseId });
        }
        await RefusedAsync(
            "as many leases", Silo.Request(LeasePurpose.Ingest, Tenant, Silo.PartNow()), ControlRefusal.Unavailable);
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        await other.IngestAsync(Tenant);
    }

    private LeaseRequest Reading(string token, uint leaf) =>
        Silo.Request(LeasePurpose.Read, Tenant, Silo.PartNow(leaf)) with { AccessToken = token };

    private async Task TakeOverAsync(TenantLog log, ulong fence) => await log.TakeOverAsync(
        fence, SystemRandom.Instance.NextId(), Region.Eu, World.Clock.GetUtcNow(), default);

    private LogEntry Entry(TenantId tenant) => new(
        new(LeafType.Archived, Region.Eu, Silo.PartNow().Epoch, World.Clock.GetUtcNow(), tenant,
            new(SystemRandom.Instance.NextId()), 1, 1, 0, 0, new byte[32], new byte[32], new byte[32]),
        new(new(SystemRandom.Instance.NextId()), 0), SystemRandom.Instance.NextId(), 0);

    private async Task RefusedAsync(
        string reason, LeaseRequest request, ControlRefusal refusal = ControlRefusal.NotAuthorised) =>
        await OnRecordAsync(
            reason, AuditAct.LeaseGrant, await Refusal.IsAsync(refusal, () => Silo.GrantAsync(request)));

    private async Task OnRecordAsync(string reason, AuditAct act, string message)
    {
        Assert.Contains(reason, message);
        var entry = await AuditTrail.LastAsync(World, act);
        Assert.False(entry.Granted);
        Assert.Contains(reason, entry.Reason);
    }
}
