using AMA.Archive.Access;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>
/// Which roles may speak with whom: a row for each port of the two clusters. Whoever isn't listed is refused in the
/// handshake, before any byte of Orleans' protocol is read.
/// </summary>
/// <param name="OnSiloPort">Silos of the same cluster.</param>
/// <param name="OnGatewayPort">Clients of the cluster.</param>
public sealed record PeerRoles(PeerRole[] OnSiloPort, PeerRole[] OnGatewayPort)
{
    public static PeerRoles Control { get; } = new([PeerRole.Control], [PeerRole.Backend, PeerRole.Web]);

    public static PeerRoles Production { get; } =
        new([PeerRole.Backend], [PeerRole.Gateway, PeerRole.Web, PeerRole.Backend]);
}
