using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Who gets no lease (threats.md, rows 26 and 39; crypto.md §8). Each refusal is on record.</summary>
public sealed class LeaseRefusalTests : JoinedSilo
{
    [Fact]
    public async Task Threat_39_GatewayCertificate_GetsNoLease()
    {
        using var gateway = await TestSilo.EnrolledAsync(World, "gateway-1", PeerRole.Gateway);
        await RefusedAsync(gateway, "back-end", Ingest(gateway));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () =>
            World.Identity.RegisterIncarnation(gateway.Sign(gateway.Request(LeasePurpose.Register))));
    }

    [Fact]
    public async Task Threat_39_SiloOfAnotherRegion_GetsNoLease()
    {
        await RefusedAsync(Silo, "region", Ingest(Silo) with { Region = Region.Us });
        var request = Silo.Request(LeasePurpose.Queue);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, () => World.Grain<ILeaseGrain>("us").Grant(Silo.Sign(request)));
    }

    [Fact]
    public async Task Threat_39_CertificateOfAForeignAuthority_GetsNoLease()
    {
        var now = World.Clock.GetUtcNow();
        using var foreign = CertificateAuthority.Create(Region.Eu, now);
        Assert.True(CertificateAuthority.TryReadPublicKey(Silo.Key.ExportSubjectPublicKeyInfo(), out var key));
        var peer = new PeerIdentity(Region.Eu, PeerRole.Backend, Silo.Name);
        Silo.Certificate = foreign.Issue(peer, key, now, TimeSpan.FromHours(24), SystemRandom.Instance);
        await RefusedAsync(Silo, "certificate", Ingest(Silo));
    }

    [Fact]
    public async Task Threat_39_CertificateThatRanOut_GetsNoLease()
    {
        World.Clock.Advance(TimeSpan.FromHours(72) + TimeSpan.FromSeconds(1));
        await RefusedAsync(Silo, "certificate", Ingest(Silo));
    }

    [Fact]
    public async Task Threat_39_AnotherSilosName_GetsNoLease()
    {
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        await RefusedAsync(other, "another silo", Ingest(other) with { SiloId = "silo-1" });
    }

    [Fact]
    public async Task OlderStartOfASilo_GetsNoLease()
    {
        using var restarted = await TestSilo.JoinAsync(World, Silo.Name);
        Assert.True(restarted.Incarnation > Silo.Incarnation);
        await RefusedAsync(Silo, "newest start", Ingest(Silo));
        Assert.Equal(1ul, (await restarted.IngestAsync(Tenant)).Grant.Fence);
    }

    [Fact]
    public async Task KeyThatWasNotRegistered_GetsNoLease()
    {
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        await RefusedAsync(
            Silo, "another key", Ingest(Silo) with { KemPublicKey = other.Request(LeasePurpose.Queue).KemPublicKey });
    }

    [Fact]
    public async Task ReplayedRequest_IsRefused_AlsoByARestartedControl()
    {
        var request = Ingest(Silo);
        var signed = Silo.Sign(request);
        await Silo.GrantAsync(request, signed);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.GrantAsync(request, signed));

        await World.KillAsync();

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.GrantAsync(request, signed));
        Assert.Equal(2ul, (await Silo.IngestAsync(Tenant)).Grant.Fence); // the replays moved nothing
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task RequestOfAnotherTime_IsRefused(int seconds) => await RefusedAsync(
        Silo, "just now", Ingest(Silo) with { SentAt = World.Clock.GetUtcNow().AddSeconds(seconds) });

    [Fact]
    public async Task FlippedBit_AnywhereInARequest_IsRefused()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var signed = Silo.Sign(Ingest(Silo));
        for (var i = 0; i < 30; i++)
        {
            var bad = (byte[])signed.Clone();
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            await Refusal.IsAsync(
                ControlRefusal.NotAuthorised, () => World.Grain<ILeaseGrain>($"eu/{Tenant:N}").Grant(bad));
        }
        Assert.Equal(1ul, (await Silo.IngestAsync(Tenant)).Grant.Fence);
    }

    [Fact]
    public async Task Threat_26_RequestForOneTenant_AtAnothersGrain_IsRefused()
    {
        var other = await World.CreateTenantAsync("other-harbour", "journal@other-harbour.example");
        var signed = Silo.Sign(Ingest(Silo));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => World.Grain<ILeaseGrain>($"eu/{other.Id:N}").Grant(signed));
    }

    [Fact]
    public async Task UnknownTenant_HasNoKeys()
    {
        var nobody = SystemRandom.Instance.NextId();
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Silo.IngestAsync(nobody));
    }

    [Fact]
    public async Task Threat_26_ReadWithoutALiveTokenOfTheTenant_IsRefused()
    {
        await Silo.IngestAsync(Tenant);
        await World.CreateTenantAsync("other-harbour", "journal@other-harbour.example");
        var foreign = await Auditors.TokenAsync(World, "other-harbour");
        var own = await Auditors.TokenAsync(World, ControlWorld.Tenant);
        var operators = (await World.Directory.OperatorGrant(World.OperatorToken)).Token;
        var forged = own[..^4] + (own[^4] == 'A' ? 'B' : 'A') + own[^3..];
        foreach (var token in new[] { null, "", "x", foreign, operators, forged })
        {
            await RefusedAsync(Silo, "", Reading(token));
            await RefusedAsync(
                Silo, "", Reading(token) with { Purpose = LeasePurpose.Search, Targets = [Silo.PartNow()] });
        }
        await Silo.GrantAsync(Reading(own));
        World.Clock.Advance(TimeSpan.FromHours(8));
        await RefusedAsync(Silo, "token", Reading(own));
    }

    [Fact]
    public async Task ReportOfAnotherWritersSubtree_IsRefused()
    {
        var first = await Silo.IngestAsync(Tenant);
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        await other.IngestAsync(Tenant);

        var report = new IngestReport(1, Silo.PartNow().Epoch, 0, FirstLeaf: 65_536, UsedLeaves: 0, IndexedLeaves: 0);
        var release = Silo.Request(LeasePurpose.Ingest, Tenant) with
        {
            LeaseId = first.Grant.LeaseId, Reports = [report],
        };
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.ReleaseAsync(release));
    }

    private LeaseRequest Ingest(TestSilo silo) => silo.Request(LeasePurpose.Ingest, Tenant, silo.PartNow());

    private LeaseRequest Reading(string? token) =>
        Silo.Request(LeasePurpose.Read, Tenant, Silo.PartNow(1)) with { AccessToken = token };

    /// <summary>Refused for this reason, and that stands in the audit log.</summary>
    private async Task RefusedAsync(TestSilo silo, string reason, LeaseRequest request)
    {
        var message = await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => silo.GrantAsync(request));
        Assert.Contains(reason, message);
        var entry = await AuditTrail.LastAsync(World, AuditAct.LeaseGrant);
        Assert.True(entry is { Granted: false, Reason: not null });
        Assert.Contains(entry.Reason!, message);
        Assert.Equal(request.SiloId, entry.Silo);
    }
}
