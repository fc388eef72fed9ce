using System.Net.Security;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>
/// This process's papers and whom it trusts, looked up for every handshake: a renewal needs no restart. Thread-safe.
/// </summary>
public sealed class PeerCredentials(Region region, TimeProvider time)
{
    private volatile PeerPapers? _papers;
    private volatile SslStreamCertificateContext? _shown;
    private volatile PeerTrust _trust = new([], []);

    /// <summary>Whom this process trusts has changed; open connections may have to end.</summary>
    public event Action? TrustChanged;

    public Region Region => region;

    /// <summary>What certificates are measured by.</summary>
    internal TimeProvider Time => time;

    public bool HasPapers => _papers is not null;

    /// <summary>Throws <see cref="InvalidOperationException"/> before the first <see cref="Set"/>.</summary>
    public PeerPapers Papers => _papers ?? throw new InvalidOperationException("this process has no certificate yet");

    /// <summary>What handshakes show: <see cref="Papers"/>, made ready once.</summary>
    public SslStreamCertificateContext Shown =>
        _shown ?? throw new InvalidOperationException("this process has no certificate yet");

    /// <summary>Papers that have not run out, or null.</summary>
    public PeerPapers? Valid => _papers is { } papers && time.GetUtcNow() <= papers.NotAfter ? papers : null;

    /// <summary>What others' certificates are checked against.</summary>
    public PeerTrust Trust => _trust;

    /// <param name="authorities">DER; those that <paramref name="papers"/> came with, or newer ones.</param>
    /// <param name="past">DER; null: none. See <see cref="PeerTrust.Past"/>.</param>
    public void Set(
        PeerPapers papers, IReadOnlyList<byte[]> authorities, IReadOnlyList<RevokedPeer> revoked,
        IReadOnlyList<byte[]>? past = null)
    {
        if (!ReferenceEquals(papers, _papers))
            _shown = SslStreamCertificateContext.Create(papers.Shown, additionalCertificates: null, offline: true);
        _papers = papers;
        _trust = new(authorities, revoked) { Past = past ?? [] };
        TrustChanged?.Invoke();
    }

    /// <summary>Null when the peer may come in; otherwise what is wrong, for our log only.</summary>
    /// <param name="certificate">DER, from a stranger; null: none was shown.</param>
    public string? Refuse(byte[]? certificate, PeerRole[] roles, out TrustedPeer? peer)
    {
        peer = null;
        if (certificate is null) return "no certificate was shown";
        if (!_trust.TryVerify(certificate, time.GetUtcNow(), out peer))
            return "the certificate is foreign, run out, revoked or no peer's";
        if (peer.Identity.Region != region) return $"{peer.Identity} is of another region";
        return roles.Contains(peer.Identity.Role) ? null : $"{peer.Identity} has no business here";
    }

    /// <summary>Whether an open connection's peer was shut out since.</summary>
    public bool IsRevoked(TrustedPeer peer) => _trust.IsRevoked(peer);
}
