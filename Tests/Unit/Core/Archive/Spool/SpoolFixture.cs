using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;

namespace AMA.Tests.Unit.Core.Archive.Spool;

/// <summary>A region's authority, one gateway, one queue key, and the means to lie with them.</summary>
public sealed class SpoolFixture : IDisposable
{
    public const ulong QueueKeyId = 2_945;

    private readonly CertificateAuthority _authority;
    private readonly ECDsa _gatewayKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SpoolFixture(int seed)
    {
        Random = new SeededIds(seed);
        _authority = CertificateAuthority.Create(Region.Eu, Now);
        (QueuePrivate, var share) = KeyAgreement.NewPair(Random);
        QueueKey = new QueuePublicKey(QueueKeyId, share, Now.AddDays(-1), Now.AddDays(29));
        Identity = IdentityOf(new PeerIdentity(Region.Eu, PeerRole.Gateway, "gw-1"));
        Peers = new(_authority.Certificate);
        Trust = new(() => Peers, Region.Eu, id => id == QueueKeyId ? QueueKey : null);
    }

    public static DateTimeOffset Now { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public SeededIds Random { get; }
    public Secret QueuePrivate { get; }
    public QueuePublicKey QueueKey { get; }
    public GatewayIdentity Identity { get; }
    public SegmentTrust Trust { get; }
    public byte[] AuthorityCertificate => _authority.Certificate;
    public PeerTrust Peers { get; set; }

    public void Expel(string gateway, DateTimeOffset until) => Peers = new(
        [AuthorityCertificate], [.. Peers.Revoked, new RevokedPeer(PeerRole.Gateway, gateway, until)]);

    /// <summary>A certificate for the fixture's gateway key, and an identity that signs with that key.</summary>
    public GatewayIdentity IdentityOf(PeerIdentity peer, TimeSpan? life = null) =>
        new(KeyCopy(), _authority.Issue(
            peer, new PublicKey(_gatewayKey), Now, life ?? TimeSpan.FromDays(3), Random));

    public GatewayIdentity WithCertificate(byte[] certificate) => new(KeyCopy(), certificate);

    public SegmentHeader Header(DateTimeOffset? created = null, Region region = Region.Eu) =>
        new(new SegmentId(Random.NextId()), Random.NextId(), region, created ?? Now, QueueKey);

    public byte[] Segment(SegmentHeader header, GatewayIdentity identity, params byte[][] raws)
    {
        using var writer = new SegmentWriter(header, identity, Random);
        foreach (var raw in raws) writer.Add(Envelope, new ReadOnlySequence<byte>(raw));
        return writer.Finish(7, 6).ToArray();
    }

    public byte[] Segment(params byte[][] raws) => Segment(Header(), Identity, raws);

    public SegmentOpener Opener(byte[] segment) =>
        SegmentOpener.Create(segment.AsSpan(0, SegmentHead.Bytes), id => id == QueueKeyId ? QueuePrivate : null);

    public VerifiedSegment Verify(byte[] segment) => SegmentReader.Verify(segment, Trust);

    /// <summary>Signs changed bytes again: a gateway that is itself the attacker.</summary>
    public byte[] Resign(byte[] segment)
    {
        var changed = segment.ToArray();
        byte[] statement = [.. "ama/queue-segment@v1\0"u8, .. SHA256.HashData(changed.AsSpan(..^64))];
        var signature = _gatewayKey.SignData(
            statement, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signature.CopyTo(changed.AsSpan(^64..));
        return changed;
    }

    public static byte[] Envelope { get; } = EnvelopeCodec.Encode(new Envelope(
        new TenantId(new Guid(1, 2, 3, new byte[8])), "a@example.org",
        [new EnvelopeRecipient("journal@example.net", new MailboxId(new Guid(4, 5, 6, new byte[8])))],
        new ReceiveTrace(Now, "192.0.2.1", "mx.example.org", "TLSv1.3", "TLS_AES_256_GCM_SHA384", null, false, true,
            null, null)));

    public byte[] Mail(int length)
    {
        var raw = new byte[length];
        Random.Fill(raw);
        return raw;
    }

    public void Dispose()
    {
        Identity.Dispose();
        QueuePrivate.Dispose();
        _gatewayKey.Dispose();
        _authority.Dispose();
    }

    private ECDsa KeyCopy() => ECDsa.Create(_gatewayKey.ExportParameters(includePrivateParameters: true));
}
