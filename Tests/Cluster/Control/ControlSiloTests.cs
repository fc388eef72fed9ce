using System.Net;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>The silo as hosts build it: on real ports, met through a remote cluster's client.</summary>
public sealed class ControlSiloTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"ama-control-{Path.GetRandomFileName()}");

    [Fact]
    public async Task BuiltSilo_AnswersARemoteClient_AndStartsAgain()
    {
        var ports = ClusterPorts.PickFree("control-test");
        var options = ControlSiloOptions.In(_root, Region.Eu) with
        {
            EnrolmentEndpoint = new(IPAddress.Loopback, ClusterPorts.PickFree()),
        };
        var credentials = new PeerCredentials(Region.Eu, TimeProvider.System);
        using var outside = Outside(ports, credentials);
        await outside.StartAsync(); // before the silo: it connects as soon as there is one
        var remote = outside.Services.GetRequiredKeyedService<RemoteCluster>(ClusterNames.Control);
        Assert.False(remote.Ready.IsCompleted);

        for (var start = 0; start < 2; start++)
        {
            using var silo = ControlSilo.Build(options, ControlSiloParts.Local(ports));
            await silo.StartAsync();
            if (start == 0) await EnrolAsync(silo, options, credentials);
            await remote.Ready.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.NotEmpty(silo.Services.GetRequiredService<EnrolmentTokens>().Mint(PeerRole.Gateway, "gateway-1"));
            await EventuallyAsync(() => remote.Client.GetGrain<IDirectoryGrain>("eu").Documents());
            await silo.StopAsync();
        }
        await outside.StopAsync();
    }

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
    }

    private static Task EnrolAsync(IHost silo, ControlSiloOptions options, PeerCredentials credentials) =>
        new PeerKeeper(
            new PeerSource
            {
                Role = PeerRole.Web,
                Name = "web-1",
                Control = new EnrolmentClient(Region.Eu, options.EnrolmentEndpoint, TimeProvider.System),
                Ticket = () => EnrolmentTicket.Of(
                    silo.Services.GetRequiredService<EnrolmentTokens>().Mint(PeerRole.Web, "web-1"),
                    silo.Services.GetRequiredService<PeerDesk>().Authorities[0]),
            },
            credentials, TimeProvider.System).StartAsync(NullLogger.Instance, CancellationToken.None);

    private static IHost Outside(ClusterPorts ports, PeerCredentials credentials)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddRemoteCluster(ClusterNames.Control, client => client.UseLocalClient(
            ports, new ClusterTls(credentials, PeerRoles.Control)));
        return builder.Build();
    }

    /// <summary>A client that lost its silo finds the next one by itself; calls fail until it has.</summary>
    private static async Task EventuallyAsync(Func<Task> call)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception) when (!limit.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}
