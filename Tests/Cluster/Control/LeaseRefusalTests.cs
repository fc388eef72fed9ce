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
public sealed class LeaseRefusalTests : IAsyncLifetime
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
    public async Task Threat_39_GatewayCertificate_GetsNoLease()
    {
        using var gateway = await TestSilo.EnrolledAsync(_world, "gateway-1", PeerRole.Gateway);
        await RefusedAsync(gateway, "back-end", Ingest(gateway));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () =>
            _world.Identity.RegisterIncarnation(gateway.Sign(gateway.Request(LeasePurpose.Register))));
    }

    [Fact]
    public async Task Threat_39_SiloOfAnotherRegion_GetsNoLease()
    {
        await RefusedAsync(_silo, "region", Ingest(_silo) with { Region = Region.Us });
        var request = _silo.Request(LeasePurpose.Queue);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, () => _world.Grain<ILeaseGrain>("us").Grant(_silo.Sign(request)));
    }

    [Fact]
    public async Task Threat_39_CertificateOfAForeignAuthority_GetsNoLease()
    {
        var now = _world.Clock.GetUtcNow();
        using var foreign = CertificateAuthority.Create(Region.Eu, now);
        Assert.True(CertificateAuthority.TryReadPublicKey(_silo.Key.ExportSubjectPublicKeyInfo(), out var key));
        var peer = new PeerIdentity(Region.Eu, PeerRole.Backend, _silo.Name);
        _silo.Certificate = foreign.Issue(peer, key, now, TimeSpan.FromHours(24), SystemRandom.Instance);
        await RefusedAsync(_silo, "certificate", Ingest(_silo));
    }

    [Fact]
    public async Task Threat_39_CertificateThatRanOut_GetsNoLease()
    {
        _world.Clock.Advance(TimeSpan.FromHours(72) + TimeSpan.FromSeconds(1));
        await RefusedAsync(_silo, "certificate", Ingest(_silo));
    }

    [Fact]
    public async Task Threat_39_AnotherSilosName_GetsNoLease()
    {
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        await RefusedAsync(other, "another silo", Ingest(other) with { SiloId = "silo-1" });
    }

    [Fact]
    public async Task OlderStartOfASilo_GetsNoLease()
    {
        using var restarted = await TestSilo.JoinAsync(_world, _silo.Name);
        Assert.True(restarted.Incarnation > _silo.Incarnation);
        await RefusedAsync(_silo, "newest start", Ingest(_silo));
        Assert.Equal(1ul, (await restarted.IngestAsync(_tenant)).Grant.Fence);
    }

    [Fact]
    public async Task KeyThatWasNotRegistered_GetsNoLease()
    {
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        await RefusedAsync(
            _silo, "another key", Ingest(_silo) with { KemPublicKey = other.Request(LeasePurpose.Queue).KemPublicKey });
    }

    [Fact]
    public async Task ReplayedRequest_IsRefused_AlsoByARestartedControl()
    {
        var request = Ingest(_silo);
        var signed = _silo.Sign(request);
        await _silo.GrantAsync(request, signed);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.GrantAsync(request, signed));

        await _world.KillAsync();

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.GrantAsync(request, signed));
        Assert.Equal(2ul, (await _silo.IngestAsync(_tenant)).Grant.Fence); // the replays moved nothing
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task RequestOfAnotherTime_IsRefused(int seconds) => await RefusedAsync(
        _silo, "just now", Ingest(_silo) with { SentAt = _world.Clock.GetUtcNow().AddSeconds(seconds) });

    [Fact]
    public async Task FlippedBit_AnywhereInARequest_IsRefused()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var signed = _silo.Sign(Ingest(_silo));
        for (var i = 0; i < 30; i++)
        {
            var bad = (byte[])signed.Clone();
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            await Refusal.IsAsync(
                ControlRefusal.NotAuthorised, () => _world.Grain<ILeaseGrain>($"eu/{_tenant:N}").Grant(bad));
        }
        Assert.Equal(1ul, (await _silo.IngestAsync(_tenant)).Grant.Fence);
    }

    [Fact]
    public async Task Threat_26_RequestForOneTenant_AtAnothersGrain_IsRefused()
    {
        var other = await _world.CreateTenantAsync("other-harbour", "journal@other-harbour.example");
        var signed = _silo.Sign(Ingest(_silo));
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => _world.Grain<ILeaseGrain>($"eu/{other.Id:N}").Grant(signed));
    }

    [Fact]
    public async Task UnknownTenant_HasNoKeys()
    {
        var nobody = SystemRandom.Instance.NextId();
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.IngestAsync(nobody));
    }

    [Fact]
    public async Task Threat_26_ReadWithoutALiveTokenOfTheTenant_IsRefused()
    {
        await _silo.IngestAsync(_tenant);
        await _world.CreateTenantAsync("other-harbour", "journal@other-harbour.example");
        var foreign = await Auditors.TokenAsync(_world, "other-harbour");
        var own = await Auditors.TokenAsync(_world, ControlWorld.Tenant);
        var operators = (await _world.Directory.OperatorGrant(_world.OperatorToken)).Token;
        var forged = own[..^4] + (own[^4] == 'A' ? 'B' : 'A') + own[^3..];
        foreach (var token in new[] { null, "", "x", foreign, operators, forged })
        {
            await RefusedAsync(_silo, "", Reading(token));
            await RefusedAsync(
                _silo, "", Reading(token) with { Purpose = LeasePurpose.Search, Targets = [_silo.PartNow()] });
        }
        await _silo.GrantAsync(Reading(own));
        _world.Clock.Advance(TimeSpan.FromHours(8));
        await RefusedAsync(_silo, "token", Reading(own));
    }

    [Fact]
    public async Task ReportOfAnotherWritersSubtree_IsRefused()
    {
        var first = await _silo.IngestAsync(_tenant);
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        await other.IngestAsync(_tenant);

        var report = new IngestReport(1, _silo.PartNow().Epoch, 0, FirstLeaf: 65_536, UsedLeaves: 0, IndexedLeaves: 0);
        var release = _silo.Request(LeasePurpose.Ingest, _tenant) with
        {
            LeaseId = first.Grant.LeaseId, Reports = [report],
        };
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.ReleaseAsync(release));
    }

    private LeaseRequest Ingest(TestSilo silo) => silo.Request(LeasePurpose.Ingest, _tenant, silo.PartNow());

    private LeaseRequest Reading(string? token) =>
        _silo.Request(LeasePurpose.Read, _tenant, _silo.PartNow(1)) with { AccessToken = token };

    /// <summary>Refused for this reason, and that stands in the audit log.</summary>
    private async Task RefusedAsync(TestSilo silo, string reason, LeaseRequest request)
    {
        var message = await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => silo.GrantAsync(request));
        Assert.Contains(reason, message);
        var entry = (await AuditTrail.ReadAsync(_world))[^1];
        Assert.True(entry is { Granted: false, Act: AuditAct.LeaseGrant, Reason: not null });
        Assert.Contains(entry.Reason!, message);
        Assert.Equal(request.SiloId, entry.Silo);
    }
}
