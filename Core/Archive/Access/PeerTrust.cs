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
/// Remembers the certificates of one authority that were found good, since building a chain costs a millisecond and a
/// silo shows the same certificate with every request. Their time is looked at each time. Thread-safe.
/// </summary>
/// <param name="authority">The CA's certificate, DER.</param>
public sealed class PeerTrust(byte[] authority)
{
    /// <summary>Processes of a region; when there are more, all are checked anew.</summary>
    private const int PeersMax = 1024;

    private readonly ConcurrentDictionary<string, TrustedPeer> _peers = new();

    /// <summary>As <see cref="PeerCertificate.TryVerify"/>.</summary>
    public bool TryVerify(ReadOnlySpan<byte> certificate, DateTimeOffset now, [NotNullWhen(true)] out TrustedPeer? peer)
    {
        peer = null;
        if (certificate.Length is 0 or > PeerCertificate.DerBytesMax) return false;
        var hash = Convert.ToHexString(SHA256.HashData(certificate));
        if (_peers.TryGetValue(hash, out peer)) return now >= peer.NotBefore && now <= peer.NotAfter;
        if (!PeerCertificate.TryVerify(certificate, authority, now, out var identity)) return false;
        peer = Read(certificate, identity);
        if (_peers.Count >= PeersMax) _peers.Clear();
        _peers[hash] = peer;
        return true;
    }

    private static TrustedPeer Read(ReadOnlySpan<byte> certificate, PeerIdentity identity)
    {
        using var read = X509CertificateLoader.LoadCertificate(certificate);
        return new(
            identity, read.PublicKey.ExportSubjectPublicKeyInfo(), new DateTimeOffset(read.NotBefore),
            new DateTimeOffset(read.NotAfter));
    }
}
