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

    /// <summary>Below the ports that outgoing connections take by themselves (Linux: from 32768 on).</summary>
    private const int PickedMin = 20_000;
    private const int PickedCount = 12_000;

    /// <summary>Processes that start together look for their ports in different places.</summary>
    private const int PickedPerProcess = 64;

    private static int _picked = Environment.ProcessId * PickedPerProcess;

    /// <summary>
    /// Two ports that are free now. Another process may take one before the silo listens: the start then fails and may
    /// be tried again with new ones.
    /// </summary>
    public static ClusterPorts PickFree(string clusterId) => new(clusterId, PickFree(), PickFree());

    /// <summary>A port of 127.0.0.1 that is free now; not one that was picked a moment ago.</summary>
    public static int PickFree()
    {
        for (var tries = 0; tries < PickedCount; tries++)
        {
            var port = PickedMin + (int)((uint)Interlocked.Increment(ref _picked) % PickedCount);
            if (IsFree(port)) return port;
        }
        throw new IOException($"no port from {PickedMin} to {PickedMin + PickedCount - 1} of 127.0.0.1 is free");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
