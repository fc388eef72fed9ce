using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>What is erased in Control's keys is given to nobody any more; what is held, and the rest, still is.</summary>
public sealed partial class ShreddingTests : IAsyncLifetime
{
    private ControlWorld _world = null!;
    private TestSilo _silo = null!;
    private Guid _tenant;
    private Lease _ingest = null!;
    private uint _epoch;
    private string _auditor = "";
    private uint _orders;

    public async ValueTask InitializeAsync()
    {
        _world = await ControlWorld.StartNewAsync();
        _tenant = (await _world.CreateTenantAsync()).Id;
        _silo = await TestSilo.JoinAsync(_world);
        _ingest = await _silo.IngestAsync(_tenant);
        _epoch = _silo.PartNow().Epoch;
        _auditor = await Auditors.TokenAsync(_world, ControlWorld.Tenant);
    }

    public async ValueTask DisposeAsync()
    {
        _silo.Dispose();
        await _world.DisposeAsync();
    }

    [Fact]
    public async Task PuncturedLeaves_AreGone_TheirNeighboursStay_AndAllIsOnRecord()
    {
        await ReadAsync(5, 6);
        var entry = await OrderAsync(ShredAct.Puncture, 5, 7);
        Assert.Equal(_world.Clock.GetUtcNow(), entry.KeysErasedAt);
        await UnreadableAsync(5);
        await ReadAsync(4, 6, 8);
        var seen = await AuditTrail.LastAsync(_world, AuditAct.Erasure);
        Assert.True(seen is { Granted: true, Person: "board", Tenant: not null });
        Assert.Contains("batch 9", seen.Reason);
        Assert.Contains("was erased", await RefusedAsync(Order(ShredAct.Hold, 4, 5)));
        Assert.Contains("never given", await RefusedAsync(Order(ShredAct.Hold, 70_000)));
    }

    [Fact]
    public async Task OrderWhoseIntentStandsNowhere_IsRefused_AndOnRecord()
    {
        var order = Order(ShredAct.Puncture, 5);
        foreach (var bad in new[] { order with { IntentBatch = 0 }, order with { IntentHash = new byte[32] },
            order with { IntentHash = [1] }, order with { Part = order.Part with { Leaves = [] } } })
        {
            await Refusal.IsAsync(ControlRefusal.Invalid, () => Shredding.Order(bad));
            Assert.False((await AuditTrail.LastAsync(_world, AuditAct.Erasure)).Granted);
        }
        await Refusal.IsAsync(ControlRefusal.Invalid, () => OrderAsync(ShredAct.Puncture, 70_000)); // never given out
        await ReadAsync(5);
    }

    [Fact]
    public async Task HeldLeaf_IsUsed_WhateverTheReleaseOfItsLeaseSays()
    {
        await OrderAsync(ShredAct.Hold, 12, 20);
        await _silo.ReleaseAsync(_silo.Request(LeasePurpose.Ingest, _tenant) with
        {
            LeaseId = _ingest.Grant.LeaseId, Reports = [new(1, _epoch, 0, 0, 10, 10)],
        });
        await ReadAsync(9, 12, 20);
        foreach (var leaf in new[] { 10u, 11u, 13u, 19u, 21u, 65_535u }) await UnreadableAsync(leaf);
    }

    [Fact]
    public async Task OnlyControlItself_Erases()
    {
        var outside = _world.Grain<IShreddingGrain>($"eu/{_tenant:N}");
        await Refusal.IsAsync(
            ControlRefusal.NotAuthorised, () => outside.Order(Order(ShredAct.Puncture, 5)));
        await ReadAsync(5);
    }

    [Fact]
    public async Task IndexKey_IsNewAfterADayWithAPuncture_AndTheOldOneDiesWhenTheIndexIsRewritten()
    {
        await OrderAsync(ShredAct.Puncture, 5);
        Assert.Equal([1ul], IndexVersions(await AgainAsync())); // the day isn't over
        _world.Clock.Advance(TimeSpan.FromDays(1));
        await _silo.EnrolAsync(PeerRole.Backend);

        var both = await AgainAsync();
        Assert.Equal([1ul, 2ul], IndexVersions(both));
        Assert.Equal([1ul, 2ul], IndexVersions(await AgainAsync()));
        await ReportAsync(both, oldestIndexVersion: 1);
        Assert.Equal([1ul, 2ul], IndexVersions(await AgainAsync()));
        await ReportAsync(both, oldestIndexVersion: 2);
        Assert.Equal([2ul], IndexVersions(await AgainAsync()));
    }

    [Fact]
    public async Task EndedPart_HasNoKeysAndGetsNone_ButForWhatIsHeld()
    {
        await OrderAsync(ShredAct.Hold, 5, 9);
        var refused = await Refusal.IsAsync(ControlRefusal.Invalid, () => OrderAsync(ShredAct.Puncture, 5));
        Assert.Contains("legal hold", refused);
        await OrderAsync(ShredAct.LetGo, 9);
        await OrderAsync(ShredAct.EndPart);

        await ReadAsync(5);
        await UnreadableAsync(9);
        await UnreadableAsync(6);
        Assert.Contains("ended", await Refusal.IsAsync(ControlRefusal.NotAuthorised, AgainAsync));

        await OrderAsync(ShredAct.LetGo, 5); // it outlived its part only while it was held
        await UnreadableAsync(5);
        await OrderAsync(ShredAct.EndPart);
        await _world.RestartAsync();
        Assert.Contains("ended", await Refusal.IsAsync(ControlRefusal.NotAuthorised, AgainAsync));
    }

    [Fact]
    public async Task Search_GoesOnWithoutAnEndedPart_AndWithTheNewestTree()
    {
        var other = new LeaseTarget(1, _epoch - 1, 0, []);
        await _silo.GrantAsync(_silo.Request(LeasePurpose.Ingest, _tenant, other));
        await OrderAsync(ShredAct.BeginReseal);
        await OrderAsync(ShredAct.Puncture, [.. Given]);
        await OrderAsync(ShredAct.EndReseal);
        Assert.Equal([(_epoch - 1, 0u), (_epoch, 1u)], await SearchAsync());

        await OrderAsync(ShredAct.EndPart);
        Assert.Equal([(_epoch - 1, 0u)], await SearchAsync());
        await Refusal.IsAsync(ControlRefusal.NotFound, () => SearchAsync(_epoch - 2)); // that never was

        async Task<IEnumerable<(uint, uint)>> SearchAsync(uint? more = null)
        {
            var parts = new[] { other, new(1, _epoch, 0, []), other with { Epoch = more ?? _epoch } };
            var request = _silo.Request(LeasePurpose.Search, _tenant, parts[..(more is null ? 2 : 3)]);
            var lease = await _silo.GrantAsync(request with { AccessToken = _auditor });
            return lease.Keys.Where(key => key.Kind == LeasedKeyKind.Ixk)
                .Select(key => (key.Epoch, key.Generation)).Distinct().Order();
        }
    }

    [Theory]
    [InlineData("state/", 0)] // the order is not accepted
    [InlineData(null, 0)] // accepted, not on record
    [InlineData("erasable/", 0)] // on record, keys not changed
    [InlineData("state/", 1)] // keys changed, not known as done
    public async Task CrashAtAnyStep_LeavesAnOrderThatIsCarriedOutAfterTheStart(string? failing, int letThrough)
    {
        var order = Order(ShredAct.Puncture, 5);
        await Shredding.Orders();
        var stores = failing is null ? new[] { _world.AuditA, _world.AuditB } : [_world.StoreA, _world.StoreB];
        foreach (var store in stores) (store.FailingPrefix, store.LetThrough) = (failing ?? "", letThrough);
        await Assert.ThrowsAsync<ControlException>(() => Shredding.Order(order));
        await _world.KillAsync();

        var entry = await Shredding.Order(order);

        Assert.NotNull(entry.KeysErasedAt);
        Assert.Equal(0, await Shredding.Resume());
        Assert.Single(await Shredding.Orders());
        await UnreadableAsync(5);
        await ReadAsync(6);
    }

    private IShreddingGrain Shredding => _world.Service<IGrainFactory>().GetGrain<IShreddingGrain>($"eu/{_tenant:N}");

    private ShredOrder Order(ShredAct act, params uint[] leaves) => new(
        new Guid((int)++_orders, 0, 0, new byte[8]), act, new(1, _epoch, 0, leaves), 9,
        [.. Enumerable.Repeat((byte)7, 32)], "board");

    /// <summary>All leaves that the silo was given.</summary>
    private static IEnumerable<uint> Given => Enumerable.Range(0, 65_536).Select(leaf => (uint)leaf);

    private Task<string> RefusedAsync(ShredOrder order) =>
        Refusal.IsAsync(ControlRefusal.Invalid, () => Shredding.Order(order));

    private Task<ShredEntry> OrderAsync(ShredAct act, params uint[] leaves) => Shredding.Order(Order(act, leaves));

    private Task<Lease> AgainAsync() => _silo.GrantAsync(
        _silo.Request(LeasePurpose.Ingest, _tenant, new LeaseTarget(1, _epoch, 0, [])));

    private Task ReportAsync(Lease lease, uint oldestIndexVersion) => _silo.RenewAsync(
        _silo.Request(LeasePurpose.Ingest, _tenant) with
        {
            LeaseId = lease.Grant.LeaseId,
            Reports = [new(1, _epoch, 0, lease.Subtree.FirstLeaf, 0, 0, oldestIndexVersion)],
        });

    private static IEnumerable<ulong> IndexVersions(Lease lease) =>
        lease.Keys.Where(key => key.Kind == LeasedKeyKind.Ixk).Select(key => key.KeyId).Order();

    private async Task ReadAsync(params uint[] leaves) =>
        Assert.Equal(leaves, (await _silo.GrantAsync(Reading(leaves))).Keys.Select(key => key.FirstLeaf));

    private Task UnreadableAsync(uint leaf) =>
        Refusal.IsAsync(ControlRefusal.NotFound, () => _silo.GrantAsync(Reading(leaf)));

    private LeaseRequest Reading(params uint[] leaves) =>
        _silo.Request(LeasePurpose.Read, _tenant, new LeaseTarget(1, _epoch, 0, leaves)) with { AccessToken = _auditor };
}
