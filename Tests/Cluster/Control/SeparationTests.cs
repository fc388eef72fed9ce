using AMA.Adapters.Hosting;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Orleans.TestingHost;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Orleans finds every grain class of a process; each silo must host its own cluster's only.</summary>
public class SeparationTests
{
    [Fact]
    public async Task ControlSilo_HostsNoGrainOfTheArchive()
    {
        await using var world = await ControlWorld.StartNewAsync();
        Assert.NotNull(await world.Directory.Documents());
        Assert.Throws<ArgumentException>(() => world.Grain<ISearchGrain>("any"));
    }

    [Fact]
    public async Task ProductionSilo_HostsNoGrainOfControl()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.KeepOnly(typeof(LeaseHolder).Assembly));
        await using var production = builder.Build();
        await production.DeployAsync();

        Assert.NotNull(production.Client.GetGrain<ISearchGrain>("any"));
        Assert.Throws<ArgumentException>(() => production.Client.GetGrain<IDirectoryGrain>("eu"));
        Assert.Throws<ArgumentException>(() => production.Client.GetGrain<ILeaseGrain>("eu"));
    }
}
