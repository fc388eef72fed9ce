using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Wrapping keys change, what they wrap doesn't, and nobody has to wait.</summary>
public class RotationTests
{
    [Fact]
    public async Task EveryRotation_LeavesEveryKeyAsItWas()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        var queue = await silo.GrantAsync(silo.Request(LeasePurpose.Queue));
        for (var time = 0; time < 2; time++)
        {
            await RotateAsync(world, RotationKind.Root);
            await RotateAsync(world, RotationKind.Store);
            await Rotation(world).RotateTenant(tenant.Id);
            await CheckAsync(world, silo, tenant, before);
            var again = await silo.GrantAsync(silo.Request(LeasePurpose.Queue));
            Assert.Equal(Bytes(queue), Bytes(again));
            await world.RestartAsync();
        }
        await CheckAsync(world, silo, tenant, before);
        await Refusal.IsAsync(
            ControlRefusal.NotFound, () => Rotation(world).RotateTenant(Guid.Parse("6a0de3a1-6d5c-4f57-9a43-1f4f0f6b8d11")));
        Assert.Equal(3u, world.Service<KeyRing>().Root.Newest.Version);
        Assert.Empty(world.Service<KeyRing>().Root.Former);
    }

    [Fact]
    public async Task LeasesGoOn_WhileKeysAreWrappedAnew()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        var rotations = RotateAsync(world, RotationKind.Root);
        for (var lease = 0; lease < 5; lease++) await CheckAsync(world, silo, tenant, before);
        await rotations;
        await CheckAsync(world, silo, tenant, before);
    }

    /// <summary>Whichever write is the last: the next start opens all keys, and the next round ends the rotation.</summary>
    [Fact]
    public async Task RotationCutAtAnyWrite_IsEndedByTheNextRound()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        var version = 1u;
        for (var cut = 0; cut < 14; cut++)
        {
            // Of both stores: in the first, a write is nowhere; in the second, only one store has it.
            var store = cut % 2 == 0 ? world.StoreA : world.StoreB;
            (store.LetThrough, store.FailingPrefix) = (cut / 2, "");
            var cutShort = await Record.ExceptionAsync(() => RotateAsync(world, RotationKind.Root));
            await world.KillAsync();
            await TendAsync(world);
            await CheckAsync(world, silo, tenant, before);
            var ring = world.Service<KeyRing>();
            Assert.Empty(ring.Root.Former);
            Assert.Equal(ring.Root.Newest.Version, ring.Document.RootVersion);
            Assert.True(ring.Document.RootVersion >= version, $"cut {cut}: {cutShort}");
            version = ring.Document.RootVersion;
        }
        Assert.True(version > 1);
    }

    /// <summary>Else its round would count for the next root key, which would then be the only one, wrapping nobody.</summary>
    [Fact]
    public async Task RotationWhoseEndIsNotWritten_CostsNobodyAKey()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        await Rotation(world).Begin(RotationKind.Root);
        await Rotation(world).Step(RotationKind.Root);
        world.StoreA.FailingPrefix = "state/";
        await Assert.ThrowsAnyAsync<Exception>(() => Rotation(world).Step(RotationKind.Root));
        world.StoreA.FailingPrefix = null;
        for (var hour = 0; hour < 2; hour++) await TendAsync(world);
        Assert.Equal(2u, world.Service<KeyRing>().Root.Newest.Version);
        Assert.Empty(await Rotation(world).Status());
        await CheckAsync(world, silo, tenant, before);

        // And where another key was made all the same, every tenant has its turn again.
        await Rotation(world).Begin(RotationKind.Root);
        await Rotation(world).Step(RotationKind.Root);
        world.StoreA.FailingPrefix = "state/";
        await Assert.ThrowsAnyAsync<Exception>(() => Rotation(world).Step(RotationKind.Root));
        world.StoreA.FailingPrefix = null;
        await world.Service<RegionRotation>().BeginRootAsync(default);
        for (var hour = 0; hour < 2; hour++) await TendAsync(world);
        await CheckAsync(world, silo, tenant, before);
        await world.RestartAsync();
        await CheckAsync(world, silo, tenant, before);
        Assert.Empty(world.Service<KeyRing>().Root.Former);
    }

    /// <summary>The write is in one store only, and so counts: another key would lose the one that all is under.</summary>
    [Fact]
    public async Task StoreKeyWhoseWriteFailsHalfWay_IsTheOneThatGoesOn()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var queue = await silo.GrantAsync(silo.Request(LeasePurpose.Queue));
        world.StoreB.FailingPrefix = "keys/eu";
        await Assert.ThrowsAnyAsync<Exception>(() => RotateAsync(world, RotationKind.Store));
        world.StoreB.FailingPrefix = null;
        var desk = world.Service<RecoveryDesk>(); // it changes the same document
        await desk.ConfirmAsync([.. desk.Begin().Select(share => share.Checksum)], default);
        await RotateAsync(world, RotationKind.Store);
        Assert.Equal(2u, world.Service<KeyRing>().Document.StoreKeyVersion);
        await world.RestartAsync();
        Assert.Equal(Bytes(queue), Bytes(await silo.GrantAsync(silo.Request(LeasePurpose.Queue))));
    }

    [Fact]
    public async Task AfterAYear_KeysRotateByThemselves()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        await TendAsync(world);
        world.Clock.Advance(TimeSpan.FromDays(366));
        await TendAsync(world);
        Assert.Equal(2u, world.Service<KeyRing>().Document.RootVersion);
        Assert.Equal(2u, world.Service<KeyRing>().Document.StoreKeyVersion);
        Assert.Equal(tenant.Id, Assert.Single(await world.Directory.Tenants(world.OperatorToken)).Id);
    }

    /// <summary>Else one put-back state would keep every other tenant under the old key, for ever.</summary>
    [Fact]
    public async Task TenantWhoseStateIsRefused_IsCounted_AndTriedAgain_AndHoldsNobodyUp()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        var old = RollbackTests.CopyOf(world, "a").Concat(RollbackTests.CopyOf(world, "b")).ToDictionary();
        await silo.IngestAsync(tenant.Id);
        var other = await world.CreateTenantAsync("loud-harbour", "journal@loud-harbour.example");
        await world.StopAsync();
        var newest = RollbackTests.CopyOf(world, "a").Concat(RollbackTests.CopyOf(world, "b")).ToDictionary();
        RollbackTests.PutBack(old);
        await world.StartAsync();

        var refused = await RotateAsync(world, RotationKind.Root);
        Assert.Equal((2, 1), (refused.Done, refused.Failed));
        await silo.IngestAsync(other.Id);
        Assert.Single(await Rotation(world).Status());
        var version = world.Service<KeyRing>().Root.Newest.Version;
        Assert.Equal(1, (await RotateAsync(world, RotationKind.Root)).Failed); // run again: goes on, begins no other one
        Assert.Equal(version, world.Service<KeyRing>().Root.Newest.Version);
        Assert.NotEmpty(world.Service<KeyRing>().Root.Former);

        await world.StopAsync();
        RollbackTests.PutBack(newest.Where(file => old.ContainsKey(file.Key)).ToDictionary());
        await world.StartAsync();
        await TendAsync(world);
        Assert.Empty(world.Service<KeyRing>().Root.Former);
        Assert.Empty(await Rotation(world).Status());
        await CheckAsync(world, silo, tenant, before);
    }

    [Fact]
    public async Task RotationOfManyTenants_GoesOnWhereItStopped_AfterAKill()
    {
        await using var world = await ControlWorld.StartNewAsync();
        for (var i = 0; i < TenantRound.PageMax + 3; i++)
            await world.CreateTenantAsync($"harbour-{i}", $"journal@harbour-{i}.example");
        await Rotation(world).Begin(RotationKind.Root);
        Assert.Equal(TenantRound.PageMax, (await Rotation(world).Step(RotationKind.Root)).Done);
        await world.KillAsync();
        var at = Assert.Single(await Rotation(world).Status());
        Assert.Equal((RotationKind.Root, TenantRound.PageMax), (at.Kind, at.Done));
        var end = await RotateAsync(world, RotationKind.Root);
        Assert.Equal((TenantRound.PageMax + 3, 0, true), (end.Done, end.Failed, end.IsOver));
        Assert.Equal(2u, world.Service<KeyRing>().Root.Newest.Version);
    }

    [Fact]
    public async Task NewRootKey_IsSealedToTheSharesThereAre()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var desk = world.Service<RecoveryDesk>();
        var shares = desk.Begin();
        await desk.ConfirmAsync([.. shares.Select(share => share.Checksum)], default);
        await RotateAsync(world, RotationKind.Root);
        await desk.DrillAsync(shares[1..4], default);
    }

    private static async Task<(TestSilo, TenantView, Lease)> BeginAsync(ControlWorld world)
    {
        var silo = await TestSilo.JoinAsync(world);
        var tenant = await world.CreateTenantAsync();
        var lease = await silo.IngestAsync(tenant.Id);
        await RollbackTests.PunctureAsync(silo, tenant, lease);
        return (silo, tenant, lease);
    }

    private static async Task CheckAsync(ControlWorld world, TestSilo silo, TenantView tenant, Lease before)
    {
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        var read = await silo.GrantAsync(
            silo.Request(LeasePurpose.Read, tenant.Id, silo.PartNow(5)) with { AccessToken = token });
        using var leaf = before.Leaf(5);
        Assert.Equal(leaf.Span.ToArray(), read.Keys.Single().Key.Span.ToArray());
        await RollbackTests.RefusedAsErasedAsync(world, silo, tenant);
        var next = await silo.IngestAsync(tenant.Id);
        Assert.Equal(
            before.Of(LeasedKeyKind.Ixk).Key.Span.ToArray(), next.Of(LeasedKeyKind.Ixk).Key.Span.ToArray());
    }

    private static IEnumerable<byte[]> Bytes(Lease lease) => lease.Keys.Select(key => key.Key.Span.ToArray());

    private static Task<RotationStep> RotateAsync(ControlWorld world, RotationKind kind) =>
        world.Service<SurvivalCare>().RotateAsync(Region.Eu, kind, _ => Task.CompletedTask, default);

    private static Task TendAsync(ControlWorld world) => world.Service<SurvivalCare>().TendAsync(Region.Eu);

    private static IRotationGrain Rotation(ControlWorld world) =>
        world.Service<IGrainFactory>().GetGrain<IRotationGrain>("eu");
}
