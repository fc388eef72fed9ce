using System.Collections.Concurrent;
using AMA.Archive.Access;
using Microsoft.AspNetCore.Connections;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>Connections that stand, so that those of a peer that is shut out end at once.</summary>
internal sealed class OpenPeers
{
    private readonly ConcurrentDictionary<ConnectionContext, TrustedPeer> _open = new();
    private readonly PeerCredentials _own;

    public OpenPeers(PeerCredentials own)
    {
        _own = own;
        own.TrustChanged += EndRevoked;
    }

    public void Add(ConnectionContext connection, TrustedPeer peer)
    {
        _open[connection] = peer;
        if (_own.IsRevoked(peer)) connection.Abort(); // shut out between its handshake and now
    }

    public void Remove(ConnectionContext connection) => _open.TryRemove(connection, out _);

    private void EndRevoked()
    {
        foreach (var (connection, peer) in _open)
            if (_own.IsRevoked(peer)) connection.Abort();
    }
}
