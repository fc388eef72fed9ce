using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public partial class RollbackTests
{
    /// <summary>
    /// Else a quarantine is lifted, a spent enrolment token counts again, an ended job is open and an order undone.
    /// </summary>
    [Fact]
    public async Task Threat_37_OlderCopyOfAnyStateOfTheRegion_IsRefused()
    {
        await using var world = await ControlWorld.StartNewAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var tenant = (await world.CreateTenantAsync()).Id;
        await silo.IngestAsync(tenant);
        await ChangeAllAsync(world, tenant, 1);
        var old = RoomsOf(world, "state", "passing");
        await ChangeAllAsync(world, tenant, 2);
        var identity = await IdentityAsync(world);
        await world.StopAsync();
        PutBack(old);
        // Nobody is let in by an old list of who was shut out: that one ends the start.
        await IsRefusedAsync(world.StartAsync);
        await world.StopAsync();
        PutBack(identity);
        await world.StartAsync();

        await IsRefusedAsync(() => world.Directory.Tenants(world.OperatorToken));
        await IsRefusedAsync(() => Inner<IRevokingGrain>(world).List());
        await IsRefusedAsync(() => Inner<IErasureGrain>(world).Status());
        await IsRefusedAsync(() => Inner<IRotationGrain>(world).Due());
        await IsRefusedAsync(() => OrderAsync(world, tenant, 3));
        await IsRefusedAsync(() => Inner<IOpenJobsGrain>(world, tenant).Take(Guid.Empty, []));
        await IsRefusedAsync(() => Inner<IApprovedExportsGrain>(world, tenant).Check(Guid.Empty, []));
    }

    /// <summary>The root key was rotated since: the old wraps still open, and name keys of before.</summary>
    [Theory]
    [InlineData("a", "")]
    [InlineData("b", "")]
    [InlineData("a", "b")]
    public async Task Threat_37_OlderKeyWraps_AreHealedFromOneStore_AndRefusedInBoth(string store, string other)
    {
        await using var world = await ControlWorld.StartNewAsync();
        var desk = world.Service<RecoveryDesk>();
        await desk.ConfirmAsync([.. desk.Begin().Select(share => share.Checksum)], default);
        var old = RoomsOf(world, "keys", "recovery", "roots").Where(IsInOne).ToDictionary();
        await Inner<IRotationGrain>(world).Begin(RotationKind.Root);
        await world.Service<WrapMarks>().RecordAsync(world.Service<IGrainFactory>(), "eu");
        await world.StopAsync();
        var newest = RoomsOf(world, "keys", "recovery", "roots");
        PutBack(old);
        if (other.Length > 0)
        {
            var refusal = await Assert.ThrowsAsync<AuditDamageException>(world.StartAsync);
            Assert.Contains("hold an older", refusal.Message);
            await world.StopAsync();
            PutBack(newest);
        }
        await world.StartAsync();
        Assert.Equal(2u, world.Service<KeyRing>().Root.Newest.Version);
        Assert.Equal(newest.Keys.Order(), RoomsOf(world, "keys", "recovery", "roots").Keys.Order());

        bool IsInOne(KeyValuePair<string, byte[]> file) => new[] { store, other }.Any(name =>
            name.Length > 0 && file.Key.StartsWith(Path.Combine(world.Root, "control", name), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Threat_37_KeyWrapsTakenFromBothStores_EndTheStart()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.Service<WrapMarks>().RecordAsync(world.Service<IGrainFactory>(), "eu");
        await world.StopAsync();
        foreach (var wrap in RoomsOf(world, "roots").Keys.Where(name => name.Contains("b-eu"))) File.Delete(wrap);
        await Assert.ThrowsAsync<AuditDamageException>(world.StartAsync);
    }

    /// <summary>Revocations are not off site: after a restore they begin anew, and that is no older copy.</summary>
    [Fact]
    public async Task RevocationsAfterARestore_BeginAnew()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await RevokeAsync(world, 1);
        await world.StopAsync();
        foreach (var store in new[] { "a", "b" })
            Directory.Delete(Path.Combine(world.Root, "control", store, "state"), recursive: true);
        await world.RestoreAsync([]);
        await world.StartAsync();
        Assert.Empty(await Inner<IRevokingGrain>(world).List());
        await RevokeAsync(world, 2);
        Assert.Single(await Inner<IRevokingGrain>(world).List());
    }

    /// <summary>Nor are codes that were used: else each code is refused for a minute, again and again.</summary>
    [Fact]
    public async Task UsedCodesAfterARestore_BeginAnew()
    {
        await using var world = await ControlWorld.StartNewAsync();
        for (var step = 0; step < 2; step++) await SpendAsync(world, "eve", step);
        await world.StopAsync();
        foreach (var store in new[] { "a", "b" })
            Directory.Delete(Path.Combine(world.Root, "control", store, "state"), recursive: true);
        await world.RestoreAsync([]);
        await world.StartAsync();
        await SpendAsync(world, "eve", 2);
    }

    /// <summary>With the entry of what the code was used for.</summary>
    private static async Task SpendAsync(ControlWorld world, string user, int after)
    {
        var grains = world.Service<IGrainFactory>();
        var now = world.Clock.GetUtcNow();
        var mark = await grains.GetGrain<ISpentStepsGrain>("eu/00").Spend(user, TotpCheck.StepAt(now) - 1 + after);
        Assert.NotNull(mark);
        await grains.GetGrain<IAuditGrain>("eu").Append(new AuditEntry(AuditAct.SignIn, true, now) { Mark = mark }, null);
    }

    /// <summary>A write of each state that is no key.</summary>
    private static async Task ChangeAllAsync(ControlWorld world, Guid tenant, int time)
    {
        var name = $"calm-bay-{time}";
        await world.CreateTenantAsync(name, $"journal@{name}.example");
        using var silo = await TestSilo.JoinAsync(world, $"silo-of-{time}");
        await RevokeAsync(world, time);
        await OrderAsync(world, tenant, time);
        var (now, part) = (world.Clock.GetUtcNow(), silo.PartNow());
        await world.Grain<IJobsGrain>($"eu/{tenant:N}").Open(
            await People.TokenAsync(world, AccessRole.TenantAdmin),
            new("reindex", part.Class, part.Epoch, part.Epoch, 10, now.AddMinutes(30)));
        await world.Grain<IExportsGrain>($"eu/{tenant:N}").Open(
            await People.TokenAsync(world, AccessRole.Auditor),
            new([new(part.Class, part.Epoch, 0, [3])], new byte[32], now.AddHours(1)));
        await Inner<IErasureGrain>(world).Tend();
        await Inner<IRotationGrain>(world).Begin(RotationKind.Root);
    }

    /// <summary>The newest copies of the state that a join changes.</summary>
    private static async Task<Dictionary<string, byte[]>> IdentityAsync(ControlWorld world)
    {
        var before = RoomsOf(world, "state");
        (await TestSilo.JoinAsync(world, "silo-of-later")).Dispose();
        return RoomsOf(world, "state").Where(file => !file.Value.AsSpan().SequenceEqual(before[file.Key])).ToDictionary();
    }

    private static Task RevokeAsync(ControlWorld world, int time) => Inner<IRevokingGrain>(world).Revoke(
        Revocation.OfSilo($"silo-{time}", held: true), "operator");

    private static Task OrderAsync(ControlWorld world, Guid tenant, int time) =>
        Inner<IShreddingGrain>(world, tenant).Order(new(
            new Guid(time, 0, 0, new byte[8]), ShredAct.Puncture,
            new(1, RetentionPart.At(default, world.Clock.GetUtcNow()).Epoch, 0, [(uint)time]), 9, [.. Enumerable.Repeat((byte)7, 32)], "board"));

    private static async Task IsRefusedAsync(Func<Task> use) =>
        Assert.Contains("put back", await Refusal.IsAsync(ControlRefusal.Unavailable, use));

    private static T Inner<T>(ControlWorld world, Guid? tenant = null) where T : IGrainWithStringKey =>
        world.Service<IGrainFactory>().GetGrain<T>(tenant is { } id ? $"eu/{id:N}" : "eu");

    private static Dictionary<string, byte[]> RoomsOf(ControlWorld world, params string[] rooms) => new[] { "a", "b" }
        .SelectMany(store => rooms.Select(room => Path.Combine(world.Root, "control", store, "state", room)))
        .SelectMany(Directory.GetFiles).ToDictionary(file => file, File.ReadAllBytes);
}
