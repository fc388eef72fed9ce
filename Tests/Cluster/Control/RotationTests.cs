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
            await Rotation(world).RotateRoot();
            await Rotation(world).RotateStore();
            await Rotation(world).RotateTenant(tenant.Id);
            await CheckAsync(world, silo, tenant, before);
            var again = await silo.GrantAsync(silo.Request(LeasePurpose.Queue));
            Assert.Equal(Bytes(queue), Bytes(again));
            await world.RestartAsync();
        }
        await CheckAsync(world, silo, tenant, before);
        Assert.Equal(3u, world.Service<KeyRing>().Root.Newest.Version);
        Assert.Empty(world.Service<KeyRing>().Root.Former);
    }

    [Fact]
    public async Task LeasesGoOn_WhileKeysAreWrappedAnew()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var (silo, tenant, before) = await BeginAsync(world);
        using var _ = silo;
        var rotations = Rotation(world).RotateRoot();
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
            var cutShort = await Record.ExceptionAsync(() => Rotation(world).RotateRoot());
            await world.KillAsync();
            await Rotation(world).Tend();
            await CheckAsync(world, silo, tenant, before);
            var ring = world.Service<KeyRing>();
            Assert.Empty(ring.Root.Former);
            Assert.Equal(ring.Root.Newest.Version, ring.Document.RootVersion);
            Assert.True(ring.Document.RootVersion >= version, $"cut {cut}: {cutShort}");
            version = ring.Document.RootVersion;
        }
        Assert.True(version > 1);
    }

    [Fact]
    public async Task AfterAYear_KeysRotateByThemselves()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        await Rotation(world).Tend();
        world.Clock.Advance(TimeSpan.FromDays(366));
        await Rotation(world).Tend();
        Assert.Equal(2u, world.Service<KeyRing>().Document.RootVersion);
        Assert.Equal(2u, world.Service<KeyRing>().Document.StoreKeyVersion);
        Assert.Equal(tenant.Id, Assert.Single(await world.Directory.Tenants(world.OperatorToken)).Id);
    }

    [Fact]
    public async Task NewRootKey_IsSealedToTheSharesThereAre()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var desk = world.Service<RecoveryDesk>();
        var shares = desk.Begin();
        await desk.ConfirmAsync([.. shares.Select(share => share.Checksum)], default);
        await Rotation(world).RotateRoot();
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

    private static IRotationGrain Rotation(ControlWorld world) =>
        world.Service<IGrainFactory>().GetGrain<IRotationGrain>("eu");
}
