using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>What a lease of each purpose gives, and for how long.</summary>
public sealed class LeaseTests : IAsyncLifetime
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
    public async Task Ingest_GivesAnUnusedSubtreeWithIndexAndTagKeys()
    {
        var lease = await _silo.IngestAsync(_tenant);

        Assert.Equal(1ul, lease.Grant.Fence);
        Assert.Equal(3600, lease.Grant.TtlSeconds);
        Assert.InRange(lease.Grant.RenewAfterSeconds, 1080, 1320);
        Assert.Equal(LeaseLimits.MaxAgeSeconds, lease.Grant.MaxAgeSeconds);
        Assert.Equal((0u, 16), (lease.Subtree.FirstLeaf, lease.Subtree.Depth));
        Assert.Equal(
            [LeasedKeyKind.AuditPublic, LeasedKeyKind.Idk, LeasedKeyKind.Ixk, LeasedKeyKind.Subtree],
            lease.Keys.Select(key => key.Kind).OrderDescending());
    }

    [Fact]
    public async Task Ingest_NeverGivesASubtreeTwice_WhateverDiesInBetween()
    {
        var first = await _silo.IngestAsync(_tenant);
        await _world.RestartAsync();
        var second = await _silo.IngestAsync(_tenant);
        await _world.KillAsync();
        var third = await _silo.IngestAsync(_tenant);

        Assert.Equal([0u, 65_536u, 131_072u], new[] { first, second, third }.Select(lease => lease.Subtree.FirstLeaf));
        Assert.Equal([1ul, 2ul, 3ul], new[] { first, second, third }.Select(lease => lease.Grant.Fence));
    }

    [Fact]
    public async Task Ingest_UnderALiveLease_AddsASubtreeAndKeepsTheFence()
    {
        var lease = await _silo.IngestAsync(_tenant);
        var request = _silo.Request(LeasePurpose.Ingest, _tenant, Part) with { LeaseId = lease.Grant.LeaseId };

        var more = await _silo.GrantAsync(request);

        Assert.Equal(lease.Grant.LeaseId, more.Grant.LeaseId);
        Assert.Equal((1ul, 65_536u), (more.Grant.Fence, more.Subtree.FirstLeaf));
    }

    [Fact]
    public async Task Ingest_ByAnotherSilo_EndsTheFirstWritersRenewals()
    {
        var lease = await _silo.IngestAsync(_tenant);
        using var other = await TestSilo.JoinAsync(_world, "silo-2");
        Assert.Equal(2ul, (await other.IngestAsync(_tenant)).Grant.Fence);

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Ingest_ForAMonthNoMailCanWaitFor_IsRefused()
    {
        var now = _silo.PartNow();
        LeaseTarget[] parts = [now with { Epoch = now.Epoch + 1 }, now with { Epoch = 5 }, now with { Class = 9 }];
        foreach (var part in parts)
            await Refusal.IsAsync(
                ControlRefusal.Invalid, () => _silo.GrantAsync(_silo.Request(LeasePurpose.Ingest, _tenant, part)));
    }

    [Fact]
    public async Task Renewal_ExtendsWithoutKeyBytes_UntilTheGreatestAge()
    {
        var lease = await _silo.IngestAsync(_tenant);
        var renewed = lease.Grant;
        for (var hour = 0.5; hour < 23.9; hour += 0.5)
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(30));
            renewed = await _silo.RenewAsync(Renewal(lease));
            Assert.Equal((lease.Grant.LeaseId, lease.Grant.Fence), (renewed.LeaseId, renewed.Fence));
            Assert.Empty(renewed.SealedKeys);
            Assert.Empty(renewed.KemCiphertext);
        }
        Assert.Equal(1800, renewed.TtlSeconds); // what is left of 24 h
        _world.Clock.Advance(TimeSpan.FromMinutes(30));

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Renewal_AfterTheEnd_IsRefused()
    {
        var lease = await _silo.IngestAsync(_tenant);
        _world.Clock.Advance(TimeSpan.FromSeconds(3600));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Release_ErasesLeavesAboveTheUsedOnes_AndNoOthers()
    {
        var lease = await _silo.IngestAsync(_tenant);
        using var used = lease.Leaf(9);
        await _silo.ReleaseAsync(Renewal(lease, Report(used: 10, indexed: 10)));

        var token = await AuditorTokenAsync();
        var read = await _silo.GrantAsync(Reading(token, 9));
        Assert.Equal(used.Span.ToArray(), read.Of(LeasedKeyKind.Leaf).Key.Span.ToArray());
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.GrantAsync(Reading(token, 10)));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.GrantAsync(Reading(token, 65_535)));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.RenewAsync(Renewal(lease)));
        Assert.Equal(65_536u, (await _silo.IngestAsync(_tenant)).Subtree.FirstLeaf);
    }

    [Fact]
    public async Task Release_WithoutAReport_ErasesNothing()
    {
        var lease = await _silo.IngestAsync(_tenant);
        await _silo.ReleaseAsync(Renewal(lease));
        Assert.Single((await _silo.GrantAsync(Reading(await AuditorTokenAsync(), 65_535))).Keys);
    }

    [Fact]
    public async Task Read_GivesExactlyTheListedLeaves()
    {
        var lease = await _silo.IngestAsync(_tenant);

        var read = await _silo.GrantAsync(Reading(await AuditorTokenAsync(), 3, 70, 65_535));

        Assert.All(read.Keys, key => Assert.Equal(LeasedKeyKind.Leaf, key.Kind));
        Assert.Equal([3u, 70u, 65_535u], read.Keys.Select(key => key.FirstLeaf));
        foreach (var key in read.Keys)
        {
            using var leaf = lease.Leaf(key.FirstLeaf);
            Assert.Equal(leaf.Span.ToArray(), key.Key.Span.ToArray());
        }
        Assert.Equal(0, read.Grant.RenewAfterSeconds);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, async () => await _silo.GrantAsync(Reading(await AuditorTokenAsync(), 65_536)));
    }

    [Fact]
    public async Task Search_GivesIndexKeysOfTheListedPartsOnly()
    {
        var ingest = await _silo.IngestAsync(_tenant);
        var token = await AuditorTokenAsync();
        var request = _silo.Request(LeasePurpose.Search, _tenant, _silo.PartNow()) with { AccessToken = token };

        var lease = await _silo.GrantAsync(request);

        var key = Assert.Single(lease.Keys);
        Assert.Equal(ingest.Of(LeasedKeyKind.Ixk).Key.Span.ToArray(), key.Key.Span.ToArray());
        var elsewhere = Part with { Epoch = Part.Epoch - 1 };
        await Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.GrantAsync(
            _silo.Request(LeasePurpose.Search, _tenant, elsewhere) with { AccessToken = token }));
    }

    [Fact]
    public async Task Maintain_GivesLeavesBehindTheIndexOnly()
    {
        var lease = await _silo.IngestAsync(_tenant);
        await _silo.RenewAsync(Renewal(lease, Report(used: 20, indexed: 12)));

        var maintain = await _silo.GrantAsync(_silo.Request(LeasePurpose.Maintain, _tenant, _silo.PartNow(12, 19)));

        var leaves = maintain.Keys.Where(key => key.Kind == LeasedKeyKind.Leaf);
        Assert.Equal([12u, 19u], leaves.Select(key => key.FirstLeaf));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => _silo.GrantAsync(
            _silo.Request(LeasePurpose.Maintain, _tenant, _silo.PartNow(11, 12))));
        var entries = await AuditTrail.ReadAsync(_world);
        var entry = entries.Last(entry => entry is { Purpose: LeasePurpose.Maintain, Granted: true });
        Assert.Equal([$"1/{Part.Epoch}/0:12,19"], entry.Targets!);
    }

    [Fact]
    public async Task Queue_GivesThePrivateHalvesOfThePublishedKeys()
    {
        var lease = await _silo.GrantAsync(_silo.Request(LeasePurpose.Queue));

        var documents = await _world.Directory.Documents();
        Assert.True(QueueKeysDocument.TryVerify(documents.QueueKeys, _silo.SigningKey, out var published));
        Assert.Equal(published.Keys.Select(key => key.KeyId), lease.Keys.Select(key => key.KeyId));
        foreach (var key in published.Keys)
            Assert.Equal(key.PublicKey, KeyAgreement.PublicOf(lease.Keys.Single(own => own.KeyId == key.KeyId).Key));
    }

    [Fact]
    public async Task Grants_AreOnRecordWithSiloPurposePersonAndTargets()
    {
        var ingest = await _silo.IngestAsync(_tenant);
        await _silo.GrantAsync(Reading(await AuditorTokenAsync(), 5));

        var entries = await AuditTrail.ReadAsync(_world);
        var given = Assert.Single(entries, entry => entry.Purpose == LeasePurpose.Ingest);
        Assert.True(given is { Granted: true, Act: AuditAct.LeaseGrant, Silo: "silo-1", Fence: 1 });
        Assert.Equal((_tenant, ingest.Grant.LeaseId), (given.Tenant, given.Lease));
        Assert.Equal(_world.Clock.GetUtcNow(), given.Time);
        var read = Assert.Single(entries, entry => entry.Purpose == LeasePurpose.Read);
        Assert.Equal("the.auditor", read.Person);
        Assert.Equal([$"1/{Part.Epoch}/0:5"], read.Targets!);
    }

    private LeaseTarget Part => _silo.PartNow();

    private IngestReport Report(uint used, uint indexed) => new(1, Part.Epoch, 0, 0, used, indexed);

    private LeaseRequest Renewal(Lease lease, params IngestReport[] reports) =>
        _silo.Request(lease.Grant.Purpose, _tenant) with { LeaseId = lease.Grant.LeaseId, Reports = reports };

    private LeaseRequest Reading(string token, params uint[] leaves) =>
        _silo.Request(LeasePurpose.Read, _tenant, _silo.PartNow(leaves)) with { AccessToken = token };

    private Task<string> AuditorTokenAsync() => Auditors.TokenAsync(_world, ControlWorld.Tenant);
}
