using System.Net;
using System.Net.Sockets;

namespace AMA.Adapters.Hosting;

/// <summary>Where a silo listens and its clients find it: both ports on one address, 127.0.0.1 unless told.</summary>
/// <param name="ClusterId">Silos and clients of different ids never join. Never reuse one for other data.</param>
/// <param name="SiloPort">Silo to silo.</param>
/// <param name="GatewayPort">Client to silo.</param>
public sealed record ClusterPorts(string ClusterId, int SiloPort, int GatewayPort)
{
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public IPEndPoint Silo => new(Address, SiloPort);

    public IPEndPoint Gateway => new(Address, GatewayPort);

    /// <summary>
    /// Two ports that are free now. Another process may take one before the silo listens: the start then fails and may
    /// be tried again with new ones.
    /// </summary>
    public static ClusterPorts PickFree(string clusterId)
    {
        using var silo = new TcpListener(IPAddress.Loopback, 0);
        using var gateway = new TcpListener(IPAddress.Loopback, 0);
        silo.Start(); // both held until both are known, or the second could be the first again
        gateway.Start();
        return new(clusterId, PortOf(silo), PortOf(gateway));
    }

    /// <summary>A port of 127.0.0.1 that is free now.</summary>
    public static int PickFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return PortOf(listener);
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
