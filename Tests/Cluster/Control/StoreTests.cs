using System.Runtime.Versioning;
using System.Text;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Two stores, two roots: either may go, and neither shows anything.</summary>
public class StoreTests
{
    [Fact]
    public async Task Tenant_IsInBothStoresWhenItsCreationReturns()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var before = await ContentOf(world.StoreB);
        await world.CreateTenantAsync();

        var after = await ContentOf(world.StoreB);
        Assert.Equal(await ContentOf(world.StoreA), after);
        var added = after.Keys.Except(before.Keys).Select(name => name.Split('/')[0]).Order();
        Assert.Equal(["erasable", "state", "state"], added);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task LostStoreAndRoot_AreMadeAnewFromTheOther(string lost)
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var before = await silo.IngestAsync(tenant.Id);
        await world.StopAsync();
        System.IO.Directory.Delete(Path.Combine(world.Root, "control", lost), recursive: true);

        await world.StartAsync();
        await CheckAsync(world, silo, tenant, before);

        // Now the other one: what was made anew must stand alone.
        await world.StopAsync();
        System.IO.Directory.Delete(Path.Combine(world.Root, "control", lost == "a" ? "b" : "a"), recursive: true);
        await world.StartAsync();
        await CheckAsync(world, silo, tenant, before);
    }

    [Fact]
    public async Task LostRootFile_IsReplaced_AndTheStoreOpensWithTheNewOne()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.CreateTenantAsync();
        foreach (var lost in new[] { "a", "b" })
        {
            await world.StopAsync();
            File.Delete(RootFile(world, lost));
            await world.StartAsync();
            Assert.Single(await world.Directory.Tenants(world.OperatorToken));
        }
    }

    [Fact]
    public async Task BothRootsLost_StopsTheStart_InsteadOfMakingNewKeys()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.CreateTenantAsync();
        await world.StopAsync();
        var kept = File.ReadAllBytes(RootFile(world, "a"));
        File.Delete(RootFile(world, "a"));
        File.Delete(RootFile(world, "b"));

        await Assert.ThrowsAsync<KeyRootException>(world.StartAsync);

        File.WriteAllBytes(RootFile(world, "a"), kept); // put back: all is there
        await world.StartAsync();
        Assert.Single(await world.Directory.Tenants(world.OperatorToken));
    }

    [Fact]
    public async Task SecondStoreFull_NothingIsAcknowledged_AndALaterTrySucceeds()
    {
        await using var world = await ControlWorld.StartNewAsync();
        world.StoreB.FailingPrefix = "erasable/";
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => world.CreateTenantAsync());
        world.StoreB.FailingPrefix = "state/";
        await Refusal.IsAsync(
            ControlRefusal.Unavailable, () => TestSilo.EnrolledAsync(world, "silo-1", PeerRole.Backend));

        world.StoreB.FailingPrefix = null;
        await world.CreateTenantAsync();
        await world.RestartAsync();
        Assert.Single(await world.Directory.Tenants(world.OperatorToken));
        Assert.Equal(await ContentOf(world.StoreA), await ContentOf(world.StoreB));
    }

    [Fact]
    public async Task Threat_38_DirectoriesOfControl_ShowNoNameNoAddressAndNoKey()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        var user = new NewUser("wilma.canary", "user", ["wilma@canary.example"], "a canary's password");
        await world.Directory.CreateUser(world.OperatorToken, ControlWorld.Tenant, user);
        await world.Grain<ISignInGrain>("eu/quiet-harbour").SignIn("wilma.canary", "a canary's password");
        using var silo = await TestSilo.JoinAsync(world);
        var lease = await silo.IngestAsync(tenant.Id);
        var queue = await silo.GrantAsync(silo.Request(LeasePurpose.Queue));
        var token = world.OperatorToken;
        await world.StopAsync();

        string[] texts = ["quiet-harbour", "wilma", "canary", "silo-1", token];
        byte[][] canaries =
        [
            .. texts.Select(Encoding.UTF8.GetBytes),
            .. lease.Keys.Concat(queue.Keys).Select(key => key.Key.Span.ToArray()),
            .. lease.Keys.Select(key => Encoding.ASCII.GetBytes(Convert.ToBase64String(key.Key.Span))),
        ];
        foreach (var file in System.IO.Directory.GetFiles(world.Root, "*", SearchOption.AllDirectories))
        {
            if (file == world.Options.OperatorTokenFile) continue;
            var content = File.ReadAllBytes(file);
            Assert.All(canaries, canary => Assert.Equal(-1, content.AsSpan().IndexOf(canary)));
            Assert.All(texts, text => Assert.DoesNotContain(text, file[world.Root.Length..]));
        }
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task Files_AreTheOwnersAlone()
    {
        await using var world = await ControlWorld.StartNewAsync();
        const UnixFileMode others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in new[] { RootFile(world, "a"), RootFile(world, "b"), world.Options.OperatorTokenFile })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        foreach (var directory in new[] { "control", "control/a", "control/b" })
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(world.Root, directory)) & others);
    }

    private static async Task CheckAsync(ControlWorld world, TestSilo silo, TenantView tenant, Lease before)
    {
        Assert.Equal(tenant.Id, Assert.Single(await world.Directory.Tenants(world.OperatorToken)).Id);
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        var read = await silo.GrantAsync(
            silo.Request(LeasePurpose.Read, tenant.Id, silo.PartNow(7)) with { AccessToken = token });
        using var leaf = before.Leaf(7);
        Assert.Equal(leaf.Span.ToArray(), read.Keys.Single().Key.Span.ToArray());
    }

    private static async Task<Dictionary<string, string>> ContentOf(IBlobStore store)
    {
        var content = new Dictionary<string, string>();
        await foreach (var blob in store.ListAsync("", null, CancellationToken.None))
        {
            // Each store has it under keys of its own.
            content[blob.Name] = blob.Name.StartsWith("erasable/", StringComparison.Ordinal)
                ? "sealed"
                : Convert.ToBase64String((await store.GetAsync(blob.Name, default))!.Content.Span);
        }
        return content;
    }

    private static string RootFile(ControlWorld world, string name) =>
        Path.Combine(world.Root, "control", name, "root.key");
}
