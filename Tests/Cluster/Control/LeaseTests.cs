using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>What a lease of each purpose gives, and for how long.</summary>
public sealed class LeaseTests : JoinedSilo
{
    [Fact]
    public async Task Ingest_GivesAnUnusedSubtreeWithIndexAndTagKeys()
    {
        var lease = await Silo.IngestAsync(Tenant);

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
        var first = await Silo.IngestAsync(Tenant);
        await World.RestartAsync();
        var second = await Silo.IngestAsync(Tenant);
        await World.KillAsync();
        var third = await Silo.IngestAsync(Tenant);

        // Of the second, nothing was heard either: the third is smaller, and behind it all the same.
        Assert.Equal([0u, 65_536u, 81_920u], new[] { first, second, third }.Select(lease => lease.Subtree.FirstLeaf));
        Assert.Equal([1ul, 2ul, 3ul], new[] { first, second, third }.Select(lease => lease.Grant.Fence));
    }

    [Fact]
    public async Task Ingest_UnderALiveLease_AddsASubtreeAndKeepsTheFence()
    {
        var lease = await Silo.IngestAsync(Tenant);
        var request = Silo.Request(LeasePurpose.Ingest, Tenant, Part) with { LeaseId = lease.Grant.LeaseId };

        var more = await Silo.GrantAsync(request);

        Assert.Equal(lease.Grant.LeaseId, more.Grant.LeaseId);
        Assert.Equal((1ul, 65_536u), (more.Grant.Fence, more.Subtree.FirstLeaf));
    }

    [Fact]
    public async Task Ingest_ByAnotherSilo_EndsTheFirstWritersRenewals()
    {
        var lease = await Silo.IngestAsync(Tenant);
        using var other = await TestSilo.JoinAsync(World, "silo-2");
        Assert.Equal(2ul, (await other.IngestAsync(Tenant)).Grant.Fence);

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Ingest_ForAMonthNoMailCanWaitFor_IsRefused()
    {
        var now = Silo.PartNow();
        LeaseTarget[] parts = [now with { Epoch = now.Epoch + 1 }, now with { Epoch = 5 }, now with { Class = 9 }];
        foreach (var part in parts)
            await Refusal.IsAsync(
                ControlRefusal.Invalid, () => Silo.GrantAsync(Silo.Request(LeasePurpose.Ingest, Tenant, part)));
    }

    [Fact]
    public async Task Renewal_ExtendsWithoutKeyBytes_UntilTheGreatestAge()
    {
        var lease = await Silo.IngestAsync(Tenant);
        var renewed = lease.Grant;
        for (var hour = 0.5; hour < 23.9; hour += 0.5)
        {
            await World.PassAsync(TimeSpan.FromMinutes(30));
            renewed = await Silo.RenewAsync(Renewal(lease));
            Assert.Equal((lease.Grant.LeaseId, lease.Grant.Fence), (renewed.LeaseId, renewed.Fence));
            Assert.Empty(renewed.SealedKeys);
            Assert.Empty(renewed.KemCiphertext);
        }
        Assert.Equal(1800, renewed.TtlSeconds); // what is left of 24 h
        World.Clock.Advance(TimeSpan.FromMinutes(30));

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Renewal_AfterTheEnd_IsRefused()
    {
        var lease = await Silo.IngestAsync(Tenant);
        World.Clock.Advance(TimeSpan.FromSeconds(3600));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.RenewAsync(Renewal(lease)));
    }

    [Fact]
    public async Task Release_ErasesLeavesAboveTheUsedOnes_AndNoOthers()
    {
        var lease = await Silo.IngestAsync(Tenant);
        using var used = lease.Leaf(9);
        await Silo.ReleaseAsync(Renewal(lease, Report(used: 10, indexed: 10)));

        var token = await AuditorTokenAsync();
        var read = await Silo.GrantAsync(Reading(token, 9));
        Assert.Equal(used.Span.ToArray(), read.Of(LeasedKeyKind.Leaf).Key.Span.ToArray());
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Silo.GrantAsync(Reading(token, 10)));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Silo.GrantAsync(Reading(token, 65_535)));
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Silo.RenewAsync(Renewal(lease)));
        Assert.Equal(65_536u, (await Silo.IngestAsync(Tenant)).Subtree.FirstLeaf);
    }

    /// <summary>
    /// What a renewal said last is in no store any more, and its silo is dead: nobody knows that these leaves were used.
    /// </summary>
    [Fact]
    public async Task Threat_37_LostRenewals_EraseNoLeafOfLiveMail_WhoeverWritesNext()
    {
        const uint used = 40;
        var dead = await Silo.IngestAsync(Tenant);
        var token = await AuditorTokenAsync();
        await Silo.RenewAsync(Renewal(dead, Report(used: 1, indexed: 1))); // this one stands with the keys
        var before = await PassingAsync();
        await Silo.RenewAsync(Renewal(dead, Report(used, indexed: 3)));
        var renewals = (await PassingAsync()).Except(before).Select(blob => blob.Name).ToArray();
        Assert.NotEmpty(renewals);
        foreach (var name in renewals)
        {
            await World.StoreA.DeleteAsync(name, default);
            await World.StoreB.DeleteAsync(name, default);
        }
        await World.KillAsync();

        using var next = await TestSilo.JoinAsync(World, "silo-2");
        var lease = await next.IngestAsync(Tenant);
        var own = Report(used: 2, indexed: 0) with { FirstLeaf = lease.Subtree.FirstLeaf };
        await next.ReleaseAsync(next.Request(LeasePurpose.Ingest, Tenant) with
        {
            LeaseId = lease.Grant.LeaseId, Reports = [Report(used: 1, indexed: 1), own],
        });

        Assert.Single((await next.GrantAsync(Reading(next, token, used - 1))).Keys);
        Assert.Single((await next.GrantAsync(Reading(next, token, own.FirstLeaf + 1))).Keys);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, () => next.GrantAsync(Reading(next, token, own.FirstLeaf + 2)));
    }

    /// <summary>Blobs of what is written apart and goes nowhere off site, as they are now.</summary>
    private async Task<HashSet<(string Name, string Content)>> PassingAsync()
    {
        var blobs = new HashSet<(string, string)>();
        await foreach (var info in World.StoreA.ListAsync("passing/", null, default))
            if (await World.StoreA.GetAsync(info.Name, default) is { } blob)
                blobs.Add((info.Name, Convert.ToHexString(blob.Content.Span)));
        return blobs;
    }

    private LeaseRequest Reading(TestSilo silo, string token, params uint[] leaves) =>
        silo.Request(LeasePurpose.Read, Tenant, silo.PartNow(leaves)) with { AccessToken = token };

    [Fact]
    public async Task Release_WithoutAReport_ErasesNothing()
    {
        var lease = await Silo.IngestAsync(Tenant);
        await Silo.ReleaseAsync(Renewal(lease));
        Assert.Single((await Silo.GrantAsync(Reading(await AuditorTokenAsync(), 65_535))).Keys);
    }

    [Fact]
    public async Task Read_GivesExactlyTheListedLeaves()
    {
        var lease = await Silo.IngestAsync(Tenant);

        var read = await Silo.GrantAsync(Reading(await AuditorTokenAsync(), 3, 70, 65_535));

        Assert.All(read.Keys, key => Assert.Equal(LeasedKeyKind.Leaf, key.Kind));
        Assert.Equal([3u, 70u, 65_535u], read.Keys.Select(key => key.FirstLeaf));
        foreach (var key in read.Keys)
        {
            using var leaf = lease.Leaf(key.FirstLeaf);
            Assert.Equal(leaf.Span.ToArray(), key.Key.Span.ToArray());
        }
        Assert.Equal(0, read.Grant.RenewAfterSeconds);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, async () => await Silo.GrantAsync(Reading(await AuditorTokenAsync(), 65_536)));
    }

    [Fact]
    public async Task Search_GivesIndexKeysOfTheListedPartsOnly()
    {
        var ingest = await Silo.IngestAsync(Tenant);
        var token = await AuditorTokenAsync();
        var request = Silo.Request(LeasePurpose.Search, Tenant, Silo.PartNow()) with { AccessToken = token };

        var lease = await Silo.GrantAsync(request);

        var key = Assert.Single(lease.Keys);
        Assert.Equal(ingest.Of(LeasedKeyKind.Ixk).Key.Span.ToArray(), key.Key.Span.ToArray());
        var elsewhere = Part with { Epoch = Part.Epoch - 1 };
        await Refusal.IsAsync(ControlRefusal.NotFound, () => Silo.GrantAsync(
            Silo.Request(LeasePurpose.Search, Tenant, elsewhere) with { AccessToken = token }));
    }

    [Fact]
    public async Task Maintain_GivesLeavesBehindTheIndexOnly()
    {
        var lease = await Silo.IngestAsync(Tenant);
        await Silo.RenewAsync(Renewal(lease, Report(used: 20, indexed: 12)));

        var maintain = await Silo.GrantAsync(Silo.Request(LeasePurpose.Maintain, Tenant, Silo.PartNow(12, 19)));

        var leaves = maintain.Keys.Where(key => key.Kind == LeasedKeyKind.Leaf);
        Assert.Equal([12u, 19u], leaves.Select(key => key.FirstLeaf));
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => Silo.GrantAsync(
            Silo.Request(LeasePurpose.Maintain, Tenant, Silo.PartNow(11, 12))));
        var entries = await AuditTrail.ReadAsync(World);
        var entry = entries.Last(entry => entry is { Purpose: LeasePurpose.Maintain, Granted: true });
        Assert.Equal([$"1/{Part.Epoch}/0:12,19"], entry.Targets!);
    }

    [Fact]
    public async Task Queue_GivesThePrivateHalvesOfThePublishedKeys()
    {
        var lease = await Silo.GrantAsync(Silo.Request(LeasePurpose.Queue));

        var documents = await World.Directory.Documents();
        Assert.True(QueueKeysDocument.TryVerify(documents.QueueKeys, Silo.SigningKey, out var published));
        Assert.Equal(published.Keys.Select(key => key.KeyId), lease.Keys.Select(key => key.KeyId));
        foreach (var key in published.Keys)
            Assert.Equal(key.PublicKey, KeyAgreement.PublicOf(lease.Keys.Single(own => own.KeyId == key.KeyId).Key));
    }

    [Fact]
    public async Task Grants_AreOnRecordWithSiloPurposePersonAndTargets()
    {
        var ingest = await Silo.IngestAsync(Tenant);
        await Silo.GrantAsync(Reading(await AuditorTokenAsync(), 5));

        var entries = await AuditTrail.ReadAsync(World);
        var given = Assert.Single(entries, entry => entry.Purpose == LeasePurpose.Ingest);
        Assert.True(given is { Granted: true, Act: AuditAct.LeaseGrant, Silo: "silo-1", Fence: 1 });
        Assert.Equal((Tenant, ingest.Grant.LeaseId), (given.Tenant, given.Lease));
        Assert.Equal(World.Clock.GetUtcNow(), given.Time);
        var read = Assert.Single(entries, entry => entry.Purpose == LeasePurpose.Read);
        Assert.Equal("the.auditor", read.Person);
        Assert.Equal([$"1/{Part.Epoch}/0:5"], read.Targets!);
    }

    private LeaseTarget Part => Silo.PartNow();

    private IngestReport Report(uint used, uint indexed) => new(1, Part.Epoch, 0, 0, used, indexed);

    private LeaseRequest Renewal(Lease lease, params IngestReport[] reports) =>
        Silo.Request(lease.Grant.Purpose, Tenant) with { LeaseId = lease.Grant.LeaseId, Reports = reports };

    private LeaseRequest Reading(string token, params uint[] leaves) =>
        Silo.Request(LeasePurpose.Read, Tenant, Silo.PartNow(leaves)) with { AccessToken = token };

    private Task<string> AuditorTokenAsync() => Auditors.TokenAsync(World, ControlWorld.Tenant);
}
