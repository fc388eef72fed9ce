using System.Globalization;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public class AuditTests
{
    /// <summary>More than any pause between two tries of a store that was away.</summary>
    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Threat_AuditDiskFull_ReleasesNoKey_AndRecoversWithinAMinute()
    {
        await using var world = await ControlWorld.StartImpatientAsync();
        var tenant = await world.CreateTenantAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        await silo.IngestAsync(tenant.Id);

        world.AuditA.FailingPrefix = world.AuditB.FailingPrefix = "";
        var reading = silo.Request(LeasePurpose.Read, tenant.Id, silo.PartNow(1)) with { AccessToken = token };
        // More often than a silo may have leases: none but the first try, which finds the disk full, may leave one.
        for (var i = 0; i <= LeaseLimits.LeasesPerSiloMax; i++)
        {
            await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.IngestAsync(tenant.Id));
            await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.GrantAsync(silo.Request(LeasePurpose.Queue)));
        }
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.GrantAsync(reading));
        await Refusal.IsAsync(
            ControlRefusal.Unavailable, () => world.Grain<ISignInGrain>("eu/quiet-harbour").SignIn("nobody", "x"));
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => world.Directory.OperatorGrant(world.OperatorToken));

        world.AuditA.FailingPrefix = world.AuditB.FailingPrefix = null;
        var after = await WithinAMinuteAsync(world, () => silo.IngestAsync(tenant.Id));
        // What was allocated and never granted is left behind, if it came so far.
        Assert.Contains(after.Subtree.FirstLeaf, new[] { 65_536u, 131_072u });
    }

    /// <summary>Else whoever tries again a minute later looks like somebody with a stolen secret.</summary>
    [Fact]
    public async Task RenewalThatCannotBeRecorded_UsesNoSecretUp()
    {
        await using var world = await ControlWorld.StartImpatientAsync();
        var people = await SignIn.People.AtANewTenantAsync(world);
        await people.CreateAsync("eve", "user", await people.TokenOfAsync("anna", "tenant-admin"));
        var opened = await people.SignIn.SignIn(new("eve", SignIn.People.Password));
        world.AuditA.FailingPrefix = world.AuditB.FailingPrefix = "";
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => people.SignIn.Renew(opened.Renewal!));
        world.AuditA.FailingPrefix = world.AuditB.FailingPrefix = null;
        world.Clock.Advance(SessionRenewal.Grace);
        var renewed = await WithinAMinuteAsync(world, () => people.SignIn.Renew(opened.Renewal!));
        Assert.NotEqual(opened.Renewal, renewed.Renewal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task OneStoreFullOrHanging_HoldsUpNobody_AndComesLevel(bool second, bool hangs)
    {
        await using var world = await ControlWorld.StartImpatientAsync();
        var tenant = await world.CreateTenantAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var away = second ? world.AuditB : world.AuditA;
        (away.Hangs, away.FailingPrefix) = (hangs, hangs ? null : "");

        // The clock stands still: nobody waits for any limit.
        for (var i = 0; i < 3; i++) await silo.IngestAsync(tenant.Id);
        world.Clock.Advance(RecoveryMax);
        await silo.IngestAsync(tenant.Id);

        (away.Hangs, away.FailingPrefix) = (false, null);
        await world.RestartAsync();
        var entries = await AuditTrail.ReadAsync(world);
        Assert.Equal(4, entries.Count(entry => entry is { Act: AuditAct.LeaseGrant, Granted: true }));
    }

    [Fact]
    public async Task ManyAtOnce_ShareWritesAndAllStandInTheLog()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var calls = Enumerable.Range(0, 200)
            .Select(i => world.Grain<ISignInGrain>($"eu/tenant-{i % 7}").SignIn($"user-{i}", "a wrong password"))
            .ToArray();
        var granted = 0;
        foreach (var call in calls)
        {
            var refused = await Assert.ThrowsAsync<ControlException>(() => call);
            if (refused.Refusal == ControlRefusal.NotAuthorised) granted++;
        }

        await world.Service<RefusalRecord>().SummariseAsync();
        var entries = await AuditTrail.ReadAsync(world);
        var names = entries.Where(entry => entry.Act == AuditAct.SignIn).Select(entry => entry.Person).ToHashSet();
        var counted = entries.Where(entry => entry.Act == AuditAct.RefusalSummary)
            .Sum(entry => int.Parse(entry.Detail!["sign-in ".Length..], CultureInfo.InvariantCulture));
        Assert.Equal(granted, names.Count + counted); // the others were too many at once, and put off
        Assert.True(names.Count > 0);
    }

    [Fact]
    public async Task Chain_GoesOnAfterAKill()
    {
        await using var world = await ControlWorld.StartNewAsync();
        for (var i = 0; i < 5; i++)
        {
            await world.Directory.OperatorGrant(world.OperatorToken);
            if (i % 2 == 1) await world.KillAsync();
        }
        Assert.Equal(5, (await AuditTrail.ReadAsync(world)).Count(entry => entry.Act == AuditAct.OperatorGrant));
    }

    [Fact]
    public async Task Threat_37_BothStoresPutBackToYesterday_EndTheStart()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await world.Directory.OperatorGrant(world.OperatorToken);
        await world.StopAsync();
        var yesterday = Path.Combine(world.Root, "yesterday");
        foreach (var store in Stores) CopyTree(Path.Combine(world.Root, store), Path.Combine(yesterday, store));
        await world.StartAsync();
        await world.Directory.OperatorGrant(world.OperatorToken);
        await world.StopAsync();

        foreach (var store in Stores)
        {
            System.IO.Directory.Delete(Path.Combine(world.Root, store), recursive: true);
            CopyTree(Path.Combine(yesterday, store), Path.Combine(world.Root, store));
        }
        await Assert.ThrowsAsync<AuditDamageException>(world.StartAsync);
    }

    private static readonly string[] Stores = ["control/a/audit", "control/b/audit"];

    private static void CopyTree(string source, string target)
    {
        foreach (var file in System.IO.Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static async Task<T> WithinAMinuteAsync<T>(ControlWorld world, Func<Task<T>> call)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromSeconds(5))
        {
            try
            {
                return await call();
            }
            catch (ControlException refused) when (refused.Refusal == ControlRefusal.Unavailable && waited < RecoveryMax)
            {
                world.Clock.Advance(TimeSpan.FromSeconds(5));
            }
        }
    }

    [Fact]
    public async Task Threat_39_ClientsCannotCallControlsInnerGrains()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var inner = typeof(AuditEntry).Assembly.GetType("AMA.Grains.Control.Audit.IAuditGrain", throwOnError: true)!;
        var grain = world.Client.GetGrain(inner, "eu");

        var call = (Task)inner.GetMethod("Append")!.Invoke(grain, [new byte[] { 1 }, null])!;

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => call);
    }
}
