using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Xunit;

namespace AMA.Tests.Cluster.Control;

public class AuditTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Threat_Audit_LogThatCannotBeWritten_ReleasesNoKey(bool second)
    {
        await using var world = await ControlWorld.StartNewAsync();
        var tenant = await world.CreateTenantAsync();
        using var silo = await TestSilo.JoinAsync(world);
        var token = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        await silo.IngestAsync(tenant.Id);

        var store = second ? world.StoreB : world.StoreA;
        store.FailingPrefix = "audit/";
        var reading = silo.Request(LeasePurpose.Read, tenant.Id, silo.PartNow(1)) with { AccessToken = token };
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.IngestAsync(tenant.Id));
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.GrantAsync(reading));
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => silo.GrantAsync(silo.Request(LeasePurpose.Queue)));
        await Refusal.IsAsync(
            ControlRefusal.Unavailable, () => world.Grain<ISignInGrain>("eu/quiet-harbour").SignIn("nobody", "x"));
        await Refusal.IsAsync(ControlRefusal.Unavailable, () => world.Directory.OperatorGrant(world.OperatorToken));

        store.FailingPrefix = null;
        var after = await silo.IngestAsync(tenant.Id);
        Assert.Equal(131_072u, after.Subtree.FirstLeaf); // what was allocated and never granted is left behind
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

        var names = (await AuditTrail.ReadAsync(world)).Where(entry => entry.Act == AuditAct.SignIn)
            .Select(entry => entry.Person).ToHashSet();
        Assert.Equal(granted, names.Count); // the others were too many at once, and put off
        Assert.True(granted > 0);
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
    public async Task Threat_39_ClientsCannotCallControlsInnerGrains()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var inner = typeof(AuditEntry).Assembly.GetType("AMA.Grains.Control.Audit.IAuditGrain", throwOnError: true)!;
        var grain = world.Client.GetGrain(inner, "eu");

        var call = (Task)inner.GetMethod("Append")!.Invoke(grain, [new byte[] { 1 }, null])!;

        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => call);
    }
}
