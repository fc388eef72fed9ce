using System.Collections.Concurrent;
using AMA.Archive.Access;
using Microsoft.AspNetCore.Connections;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>
/// Connections that stand, so that those of a peer that is shut out end at once, and each soon after the certificate
/// that opened it: whoever can't renew is out, also on a connection that never breaks. Others connect again.
/// </summary>
internal sealed class OpenPeers
{
    /// <summary>Clocks differ by as much.</summary>
    private static readonly TimeSpan Margin = CertificateAuthority.BackDating;

    private readonly ConcurrentDictionary<ConnectionContext, Entry> _open = new();
    private readonly PeerCredentials _own;

    public OpenPeers(PeerCredentials own)
    {
        _own = own;
        own.TrustChanged += EndRevoked;
    }

    public void Add(ConnectionContext connection, TrustedPeer peer)
    {
        _open[connection] = new(peer, EndAt(connection, peer.NotAfter + Margin));
        if (_own.IsRevoked(peer)) connection.Abort(); // shut out between its handshake and now
    }

    public void Remove(ConnectionContext connection)
    {
        if (_open.TryRemove(connection, out var entry)) entry.End.Dispose();
    }

    private ITimer EndAt(ConnectionContext connection, DateTimeOffset end)
    {
        var left = end - _own.Time.GetUtcNow();
        return _own.Time.CreateTimer(
            _ => connection.Abort(), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void EndRevoked()
    {
        foreach (var (connection, entry) in _open)
            if (_own.IsRevoked(entry.Peer)) connection.Abort();
    }

    private sealed record Entry(TrustedPeer Peer, ITimer End);
}
