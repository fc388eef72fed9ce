using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>
/// Somebody puts yesterday's disk back. What was erased since must stay erased, and nobody may go on from the old copy.
/// </summary>
public partial class RollbackTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task Threat_37_OlderCopyInOneStore_IsHealedFromTheOther(string store)
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var tenant = await world.CreateTenantAsync();
        var lease = await silo.IngestAsync(tenant.Id);
        var old = CopyOf(world, store);
        await PunctureAsync(silo, tenant, lease);

        await world.StopAsync();
        PutBack(old);
        await world.StartAsync();
        await RefusedAsErasedAsync(world, silo, tenant);
        await silo.IngestAsync(tenant.Id);
    }

    [Fact]
    public async Task Threat_37_OlderCopyInBothStores_IsRefused_AndOnRecord()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var tenant = await world.CreateTenantAsync();
        var lease = await silo.IngestAsync(tenant.Id);
        var old = CopyOf(world, "a").Concat(CopyOf(world, "b")).ToDictionary();
        await PunctureAsync(silo, tenant, lease);

        await world.StopAsync();
        var newest = CopyOf(world, "a").Concat(CopyOf(world, "b")).ToDictionary();
        PutBack(old);
        await world.StartAsync();
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.IngestAsync(tenant.Id));
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => ReadAsync(world, silo, tenant));
        var refusals = (await AuditTrail.ReadAsync(world)).Where(entry => entry.Act == AuditAct.StateWrite && !entry.Granted);
        Assert.Contains(refusals, entry => entry.Reason!.Contains("generation", StringComparison.Ordinal));

        // Nor is it given a longer life: the weekly round leaves it to die.
        world.Clock.Advance(TimeSpan.FromDays(7));
        await Grain(world).Tend();
        Assert.True((await Grain(world).Status()).Refused > 0);

        await world.StopAsync();
        PutBack(newest);
        await world.StartAsync();
        await silo.EnrolAsync(PeerRole.Backend);
        await RefusedAsErasedAsync(world, silo, tenant);
    }

    [Fact]
    public async Task Threat_37_StateRemovedFromBothStores_IsRefused_InsteadOfMadeAnew()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var tenant = await world.CreateTenantAsync();
        await world.StopAsync();
        foreach (var file in CopyOf(world, "a").Concat(CopyOf(world, "b"))) File.Delete(file.Key);
        await world.StartAsync();
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.IngestAsync(tenant.Id));
    }

    [Fact]
    public async Task WeeklyRounds_DestroyTheOldKeys_AndLeasesGoOn()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var tenant = await world.CreateTenantAsync();
        var began = world.Clock.GetUtcNow();
        var lease = await silo.IngestAsync(tenant.Id);
        await PunctureAsync(silo, tenant, lease);
        var old = CopyOf(world, "a").Concat(CopyOf(world, "b")).ToDictionary();

        for (var week = 0; week < 5; week++)
        {
            Assert.Null(await Grain(world).FinalEverywhere(began));
            world.Clock.Advance(TimeSpan.FromDays(7));
            await Grain(world).Tend();
        }
        // A clock that is wrong must not cost keys within the hour: a day of notice, round by round.
        Assert.NotEmpty((await Grain(world).Status()).Announced);
        for (var hour = 0; hour < 24; hour++)
        {
            await Grain(world).Tend();
            Assert.Null(await Grain(world).FinalEverywhere(began));
            world.Clock.Advance(TimeSpan.FromHours(1));
        }
        await Grain(world).Tend();
        Assert.Equal(world.Clock.GetUtcNow(), await Grain(world).FinalEverywhere(began));
        Assert.Empty((await Grain(world).Status()).Announced);
        Assert.Empty((await Grain(world).Status()).Late);
        await silo.EnrolAsync(PeerRole.Backend);
        await silo.IngestAsync(tenant.Id);

        // Every copy of that week is dead now: put back, it is as if there were nothing.
        await world.StopAsync();
        PutBack(old);
        await world.StartAsync();
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.IngestAsync(tenant.Id));
    }

    internal static IErasureGrain Grain(ControlWorld world) =>
        world.Service<IGrainFactory>().GetGrain<IErasureGrain>("eu");

    /// <summary>Gives the lease back with seven leaves used, so that the eighth is erased.</summary>
    internal static Task PunctureAsync(TestSilo silo, TenantView tenant, Lease lease)
    {
        var subtree = lease.Subtree;
        var report = new IngestReport(subtree.Class, subtree.Epoch, subtree.Generation, subtree.FirstLeaf, 7, 7);
        return silo.ReleaseAsync(silo.Request(LeasePurpose.Ingest, tenant.Id) with
        {
            LeaseId = lease.Grant.LeaseId, Reports = [report],
        });
    }

    internal static async Task RefusedAsErasedAsync(ControlWorld world, TestSilo silo, TenantView tenant) =>
        await Refusal.IsAsync(ControlRefusal.NotFound, () => ReadAsync(world, silo, tenant));

    /// <summary>Asks for an erased leaf.</summary>
    private static async Task<Lease> ReadAsync(ControlWorld world, TestSilo silo, TenantView tenant)
    {
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        return await silo.GrantAsync(
            silo.Request(LeasePurpose.Read, tenant.Id, silo.PartNow(9)) with { AccessToken = token });
    }

    internal static Dictionary<string, byte[]> CopyOf(ControlWorld world, string store) => Directory
        .GetFiles(Path.Combine(world.Root, "control", store, "state", "erasable"))
        .ToDictionary(file => file, File.ReadAllBytes);

    internal static void PutBack(Dictionary<string, byte[]> copy)
    {
        foreach (var (file, content) in copy) File.WriteAllBytes(file, content);
    }
}
