using System.Security.Cryptography;
using AMA.Archive.Access;

namespace AMA.Archive.Spool;

/// <summary>
/// A gateway's signing key (ECDSA P-256) and the certificate that goes with it. Safe for many threads.
/// </summary>
public sealed class GatewayIdentity : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _turn;

    /// <param name="key">Owned from here on.</param>
    /// <param name="certificate">DER; stands in every segment.</param>
    public GatewayIdentity(ECDsa key, byte[] certificate)
        : this(key, certificate, new())
    {
    }

    /// <param name="papers">Of a gateway; theirs is the key.</param>
    public GatewayIdentity(PeerPapers papers)
        : this(papers.Key, papers.Certificate, papers.Turn)
    {
    }

    private GatewayIdentity(ECDsa key, byte[] certificate, Lock turn)
    {
        _turn = turn;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(certificate.Length, SegmentLimits.CertificateBytesMax);
        _key = key;
        Certificate = certificate;
    }

    public byte[] Certificate { get; }

    /// <summary>Writes r‖s (64 bytes) over SHA-256 of <paramref name="statement"/>.</summary>
    internal void Sign(ReadOnlySpan<byte> statement, Span<byte> signature)
    {
        // One at a time: the key object promises nothing to two threads.
        lock (_turn)
        {
            if (!_key.TrySignData(
                statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
                out var length) || length != signature.Length)
                throw new CryptographicException("the gateway's key is not a P-256 key");
        }
    }

    public void Dispose() => _key.Dispose();
}
