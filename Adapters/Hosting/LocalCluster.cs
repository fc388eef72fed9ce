using AMA.Adapters.Hosting.Tls;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace AMA.Adapters.Hosting;

/// <summary>
/// Silo and client settings of small clusters: membership in the silo's memory, quick to start, stop and
/// notice; every connection inside mutual TLS.
/// </summary>
public static class LocalCluster
{
    /// <summary>
    /// A call that has not answered by then has failed, or been done without us knowing: retries are idempotent.
    /// </summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A stopping silo gives running calls this long.</summary>
    public static readonly TimeSpan DeactivationTimeout = TimeSpan.FromSeconds(5);

    public static ISiloBuilder UseLocalCluster(this ISiloBuilder silo, ClusterPorts ports, ClusterTls tls)
    {
        silo.UseDevelopmentClustering(ports.Silo);
        silo.ConfigureEndpoints(ports.Address, ports.SiloPort, ports.GatewayPort, listenOnAnyHostAddress: false);
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ports.ClusterId, ports.ClusterId));
        tls.Secure(silo);
        silo.Configure<ClusterMembershipOptions>(Tune);
        silo.Configure<SiloMessagingOptions>(options =>
        {
            options.ResponseTimeout = ResponseTimeout;
            options.SystemResponseTimeout = ResponseTimeout;
            options.ClientGatewayShutdownNotificationTimeout = TimeSpan.Zero;
        });
        silo.Configure<GrainCollectionOptions>(options => options.DeactivationTimeout = DeactivationTimeout);
        return silo.KeepSystemTime();
    }

    public static IClientBuilder UseLocalClient(this IClientBuilder client, ClusterPorts ports, ClusterTls tls)
    {
        client.UseStaticClustering(ports.Gateway);
        client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ports.ClusterId, ports.ClusterId));
        tls.Secure(client);
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        return client;
    }

    /// <summary>
    /// Grains live by the container's <see cref="TimeProvider"/> (in tests a fake one); the silo's own probes, messages
    /// and collections stay on the system's, or a clock that stands still would stop them.
    /// </summary>
    public static ISiloBuilder KeepSystemTime(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        silo.Services.AddKeyedSingleton(
            TimeProviderNames.Grains, (provider, _) => provider.GetRequiredService<TimeProvider>());
        return silo;
    }

    private static void Tune(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedProbesLimit = 2;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
    }
}
