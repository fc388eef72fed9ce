using AMA.Archive.Keys.Leases;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using AMA.Silo.Control.Admin;
using AMA.Silo.Control.Roots;
using AMA.Tests.Unit.Adapters.Pkcs11;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Store a's key root moves from files to a token of SoftHSM2, under a running Control.</summary>
public sealed class RootMigrationTests : IDisposable
{
    private static int _labels;

    private readonly string _pin = Path.GetTempFileName();
    private readonly string _label = $"move{Interlocked.Increment(ref _labels)}";

    public RootMigrationTests() => File.WriteAllText(_pin, SoftHsm.Pin + "\n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_pin);

    [Fact]
    public async Task KilledAfterEachStep_NothingIsLost_AndTheNextRunGoesOn()
    {
        await using var world = await StartAsync();
        var silo = await LeasesAsync(world);
        for (var kill = 1; ; kill++)
        {
            var steps = 0;
            Task Step(AdminProgress step) =>
                ++steps == kill ? throw new KilledException() : Task.CompletedTask;
            var killed = await KilledAsync(
                () => Migration(world).RunAsync("a", KeyRootKind.Pkcs11, Step, Cancel));
            await world.KillAsync();
            await WorksAsync(world);
            if (!killed) break;
            Assert.InRange(kill, 1, 30);
        }
        await SwitchAndFinishAsync(world, killedOnce: true);
        await WorksAsync(world);
        silo.Dispose();
    }

    [Fact]
    public async Task Finished_OldRootIsGone_StoresStandOnTheNewOne_AndAllIsOnRecord()
    {
        await using var world = await StartAsync();
        using var silo = await LeasesAsync(world);
        using var admin = AdminClient.Open(world);
        var answer = await admin.PostAsync("/v1/roots/migrate", new { store = "a", to = "pkcs11", finish = false });
        Assert.Contains("\"result\"", answer);
        Assert.Contains("AMA:Control:KeyRoot", answer);

        await SwitchAndFinishAsync(world, killedOnce: false);

        var directory = world.Options.DirectoryA;
        Assert.Empty(Directory.GetFiles(Path.Combine(directory, "keys")));
        Assert.False(File.Exists(Path.Combine(directory, SoftwareKeyRoot.PlainFileName)));
        Assert.False(File.Exists(Path.Combine(directory, MoveRecord.FileName)));
        await WorksAsync(world);

        // Store a alone, with its new root: what the other store would heal is not needed.
        await world.StopAsync();
        Directory.Delete(world.Options.DirectoryB, recursive: true);
        await world.StartAsync();
        await WorksAsync(world);
        Assert.Contains(await AuditTrail.ReadAsync(world), entry => entry.Act == AuditAct.RootMigration && entry.Granted);
    }

    [Fact]
    public async Task FinishBeforeTheSettingIsChanged_AndOtherNonsense_IsRefused()
    {
        await using var world = await StartAsync();
        await ConflictAsync(() => Migration(world).FinishAsync("a", KeyRootKind.Pkcs11, NoStep, Cancel));
        await ConflictAsync(() => Migration(world).RunAsync("a", KeyRootKind.Software, NoStep, Cancel));
        await Migration(world).RunAsync("a", KeyRootKind.Pkcs11, NoStep, Cancel);
        await ConflictAsync(() => Migration(world).FinishAsync("a", KeyRootKind.Pkcs11, NoStep, Cancel));
        await ConflictAsync(() => Migration(world).RunAsync("a", KeyRootKind.KeyVault, NoStep, Cancel));
        var fault = await Assert.ThrowsAsync<KeyRootException>(
            () => Migration(world).RunAsync("b", KeyRootKind.KeyVault, NoStep, Cancel));
        Assert.Contains("AMA:Control:KeyVault", fault.Message);
    }

    [Fact]
    public async Task RootThatFailsItsTrial_ChangesNothing()
    {
        await using var world = await StartAsync(SoftHsm.TokenClosed);
        File.WriteAllText(_pin, "000000\n");
        var fault = await Assert.ThrowsAsync<KeyRootException>(
            () => Migration(world).RunAsync("a", KeyRootKind.Pkcs11, NoStep, Cancel));
        Assert.Equal(KeyRootFault.Denied, fault.Fault);
        Assert.False(File.Exists(Path.Combine(world.Options.DirectoryA, MoveRecord.FileName)));
        Assert.StartsWith("software", world.Service<ControlKeyRoots>().All[0].Root.Description);
    }

    [Fact]
    public async Task Rotated_RootKeyHasANewVersion_OldOnesAreGone_AndControlStarts()
    {
        await using var world = await StartAsync();
        using var silo = await LeasesAsync(world);
        using (var admin = AdminClient.Open(world))
            Assert.Contains("\"version\":2", await admin.PostAsync("/v1/roots/rotate", new { store = "b" }));
        var keys = await world.Service<ControlKeyRoots>().All[1].Root.ListAsync(Cancel);
        Assert.Equal([2u], keys.Where(key => key.Name == "rkek-eu").Select(key => key.Version));
        await world.StopAsync();
        Directory.Delete(world.Options.DirectoryA, recursive: true); // b alone opens everything
        await world.StartAsync();
        await WorksAsync(world);
    }

    [Fact]
    public async Task BothRootsInTokens_FromTheFirstStart_AndALostOneIsReplacedByAnotherKind()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.StopAsync();
        Directory.Delete(world.Root, recursive: true);
        world.Options = world.Options with { KeyRootA = Token(SoftHsm.TokenA), KeyRootB = Token(SoftHsm.TokenB) };
        await world.StartAsync();
        using var silo = await LeasesAsync(world);
        await world.RestartAsync();
        await WorksAsync(world);
        foreach (var directory in new[] { world.Options.DirectoryA, world.Options.DirectoryB })
            Assert.False(Directory.Exists(Path.Combine(directory, "keys")));

        await world.StopAsync();
        world.Options = world.Options with { KeyRootA = new() };
        await world.StartAsync();
        await WorksAsync(world);

        KeyRootOptions Token(string label) => new()
        {
            Kind = KeyRootKind.Pkcs11, Pkcs11 = new(SoftHsm.Module, label, _label, _pin),
        };
    }

    private async Task<ControlWorld> StartAsync(string token = SoftHsm.TokenA)
    {
        var world = await ControlWorld.StartNewAsync();
        await world.StopAsync();
        world.Options = world.Options with
        {
            KeyRootA = new() { Pkcs11 = new(SoftHsm.Module, token, _label, _pin) },
        };
        await world.StartAsync();
        return world;
    }

    /// <summary>A tenant with keys in use, so that there is something that can die.</summary>
    private static async Task<TestSilo> LeasesAsync(ControlWorld world)
    {
        var tenant = await world.CreateTenantAsync();
        var silo = await TestSilo.JoinAsync(world);
        await silo.IngestAsync(tenant.Id);
        return silo;
    }

    /// <summary>What was there is there, and more can be made.</summary>
    private static async Task WorksAsync(ControlWorld world)
    {
        var tenant = Assert.Single(await world.Directory.Tenants(world.OperatorToken));
        using var silo = await TestSilo.JoinAsync(world);
        await silo.IngestAsync(tenant.Id);
    }

    private static async Task SwitchAndFinishAsync(ControlWorld world, bool killedOnce)
    {
        await world.StopAsync();
        world.Options = world.Options with { KeyRootA = world.Options.KeyRootA with { Kind = KeyRootKind.Pkcs11 } };
        await world.StartAsync();
        if (killedOnce)
        {
            Assert.True(await KilledAsync(() => Migration(world).FinishAsync(
                "a", KeyRootKind.Pkcs11, _ => throw new KilledException(), Cancel)));
            await world.KillAsync();
        }
        await Migration(world).FinishAsync("a", KeyRootKind.Pkcs11, NoStep, Cancel);
        await world.RestartAsync();
        Assert.StartsWith("pkcs11", world.Service<ControlKeyRoots>().All[0].Root.Description);
    }

    private static RootMigration Migration(ControlWorld world) => world.Service<RootMigration>();

    private static Task NoStep(AdminProgress step) => Task.CompletedTask;

    private static async Task ConflictAsync(Func<Task> act) =>
        Assert.Equal(ControlRefusal.Conflict, (await Assert.ThrowsAsync<ControlException>(act)).Refusal);

    private static async Task<bool> KilledAsync(Func<Task> act)
    {
        try
        {
            await act();
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }

    private sealed class KilledException : Exception;
}
