using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AMA.Archive.Access;

/// <summary>A peer whose certificate was checked.</summary>
/// <param name="PublicKey">SubjectPublicKeyInfo of its ECDSA P-256 key.</param>
public sealed record TrustedPeer(
    PeerIdentity Identity, byte[] PublicKey, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>
    /// True when <paramref name="signature"/> (r‖s, 64 bytes, SHA-256) over <paramref name="data"/> is the peer's.
    /// </summary>
    public bool Signed(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey, out _);
        return key.KeySize == 256 && key.VerifyData(
            data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

/// <summary>
/// A peer that Control has shut out: its certificates issued until then are worth nothing, even for their renewal. A
/// new enrolment token lets it in again.
/// </summary>
public sealed record RevokedPeer(PeerRole Role, string Name, DateTimeOffset Until)
{
    /// <param name="notBefore">Of the certificate, which is dated back.</param>
    public bool Covers(PeerIdentity peer, DateTimeOffset notBefore) =>
        peer.Role == Role && peer.Name == Name && notBefore + CertificateAuthority.BackDating <= Until;
}

/// <summary>
/// Remembers the certificates that were found good, since building a chain costs a millisecond and a silo shows the
/// same certificate with every request. Their time is looked at each time. Thread-safe.
/// </summary>
/// <param name="authorities">
/// DER: the region's CA; the old and the new one while it is being changed.
/// </param>
public sealed class PeerTrust(IReadOnlyList<byte[]> authorities, IReadOnlyList<RevokedPeer> revoked)
{
    /// <summary>Processes of a region; when there are more, all are checked anew.</summary>
    private const int PeersMax = 1024;

    private readonly ConcurrentDictionary<string, TrustedPeer> _peers = new();

    /// <summary>DER.</summary>
    public IReadOnlyList<byte[]> Authorities => authorities;

    public IReadOnlyList<RevokedPeer> Revoked => revoked;

    /// <summary>
    /// DER: CAs that were succeeded and let nobody in any more. For what was signed in their time and is read late.
    /// </summary>
    public IReadOnlyList<byte[]> Past { get; init; } = [];

    /// <param name="authority">The one CA's certificate, DER.</param>
    public PeerTrust(byte[] authority)
        : this([authority], [])
    {
    }

    /// <summary>As <see cref="PeerCertificate.TryVerify"/>, and not revoked.</summary>
    public bool TryVerify(ReadOnlySpan<byte> certificate, DateTimeOffset now, [NotNullWhen(true)] out TrustedPeer? peer)
    {
        peer = null;
        if (certificate.Length is 0 or > PeerCertificate.DerBytesMax) return false;
        var hash = Convert.ToHexString(SHA256.HashData(certificate));
        if (_peers.TryGetValue(hash, out peer)) return now >= peer.NotBefore && now <= peer.NotAfter;
        if (!TryIdentify(certificate, now, out var identity)) return false;
        var read = Read(certificate, identity);
        if (IsRevoked(read)) return false;
        peer = read;
        if (_peers.Count >= PeersMax) _peers.Clear();
        _peers[hash] = peer;
        return true;
    }

    /// <summary>
    /// A certificate that may have run out: all is checked at its own last second. For its renewal and nothing else.
    /// </summary>
    public bool TryVerifyForRenewal(ReadOnlySpan<byte> certificate, [NotNullWhen(true)] out TrustedPeer? peer)
    {
        peer = null;
        if (certificate.Length is 0 or > PeerCertificate.DerBytesMax) return false;
        try
        {
            using var read = X509CertificateLoader.LoadCertificate(certificate);
            return TryVerify(certificate, new DateTimeOffset(read.NotAfter).AddSeconds(-1), out peer);
        }
        catch (CryptographicException)
        {
            return false; // not a certificate
        }
    }

    public bool IsRevoked(TrustedPeer peer) =>
        revoked.Any(entry => entry.Covers(peer.Identity, peer.NotBefore));

    /// <summary>Whether the peer was shut out when it made something at <paramref name="made"/>.</summary>
    /// <param name="notBefore">Of the certificate, which is dated back.</param>
    public bool IsRevoked(PeerIdentity peer, DateTimeOffset notBefore, DateTimeOffset made) =>
        revoked.Any(entry => made > entry.Until && entry.Covers(peer, notBefore));

    private bool TryIdentify(
        ReadOnlySpan<byte> certificate, DateTimeOffset now, [NotNullWhen(true)] out PeerIdentity? identity)
    {
        foreach (var authority in authorities)
            if (PeerCertificate.TryVerify(certificate, authority, now, out identity)) return true;
        identity = null;
        return false;
    }

    private static TrustedPeer Read(ReadOnlySpan<byte> certificate, PeerIdentity identity)
    {
        using var read = X509CertificateLoader.LoadCertificate(certificate);
        return new(
            identity, read.PublicKey.ExportSubjectPublicKeyInfo(), new DateTimeOffset(read.NotBefore),
            new DateTimeOffset(read.NotAfter));
    }
}
