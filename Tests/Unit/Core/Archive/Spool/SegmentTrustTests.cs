using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

/// <summary>Only gateways of the region feed the queue, with whole segments.</summary>
public sealed class SegmentTrustTests : IDisposable
{
    private static readonly PeerIdentity Gateway = new(Region.Eu, PeerRole.Gateway, "gw-1");

    private readonly SpoolFixture _spool = new(seed: 21);

    public void Dispose() => _spool.Dispose();

    private SegmentFault FaultOf(byte[] segment, SegmentTrust? trust = null) =>
        Assert.Throws<SegmentException>(() => SegmentReader.Verify(segment, trust ?? _spool.Trust)).Fault;

    private byte[] SignedBy(GatewayIdentity identity, DateTimeOffset? created = null)
    {
        using (identity) return _spool.Segment(_spool.Header(created), identity, _spool.Mail(20));
    }

    /// <summary>Every byte, with the bit that changes from byte to byte; in the certificate, where each costs a chain,
    /// every seventh.</summary>
    [Fact]
    public void Threat_12_BitFlipInAnyByte_IsFound()
    {
        var segment = _spool.Segment(_spool.Mail(60), _spool.Mail(5));
        var certificateEnd = SegmentHead.Bytes + _spool.Identity.Certificate.Length;
        for (var at = 0; at < segment.Length; at += at >= SegmentHead.Bytes && at < certificateEnd ? 7 : 1)
        {
            var flip = (byte)(1 << at % 8);
            segment[at] ^= flip;
            var fault = Record.Exception(() => _spool.Verify(segment));
            Assert.True(fault is SegmentException, $"byte {at}, flip {flip}: {fault}");
            segment[at] ^= flip;
        }
        Assert.Equal(2, _spool.Verify(segment).Records.Count);
    }

    [Fact]
    public void Threat_12_EveryCutTail_IsFound()
    {
        var segment = _spool.Segment(_spool.Mail(60), _spool.Mail(5));
        for (var length = 0; length < segment.Length; length++)
        {
            var fault = Record.Exception(() => _spool.Verify(segment[..length]));
            Assert.True(fault is SegmentException, $"cut to {length}: {fault}");
        }
        Assert.NotNull(Record.Exception(() => _spool.Verify([.. segment, 0])) as SegmentException);
    }

    [Fact]
    public void Threat_12_RecordsLeftOut_Swapped_OrRepeated_AreFound()
    {
        var segment = _spool.Segment(_spool.Mail(50), _spool.Mail(50), _spool.Mail(50));
        var records = _spool.Verify(segment).Records.Select(record =>
            segment.AsSpan((int)record.Offset, (int)record.Length).ToArray()).ToArray();
        byte[] head = segment[..(int)_spool.Verify(segment).Records[0].Offset];
        byte[] trailer = segment[^84..];
        byte[] Of(params int[] order) => [.. head, .. order.SelectMany(number => records[number]), .. trailer];
        Assert.Equal(SegmentFault.Signature, FaultOf(Of(0, 1)));
        Assert.Equal(SegmentFault.Format, FaultOf(Of(1, 0, 2)));
        Assert.Equal(SegmentFault.Format, FaultOf(Of(0, 1, 1)));
        // And not even the gateway itself may state another count, or other numbers.
        Assert.Equal(SegmentFault.Format, FaultOf(_spool.Resign(Of(0, 1))));
        Assert.Equal(SegmentFault.Format, FaultOf(_spool.Resign(Of(1, 0, 2))));
        Assert.Equal(3, _spool.Verify(_spool.Resign(Of(0, 1, 2))).Records.Count);
    }

    [Fact]
    public void SegmentOfAnUncertifiedKey_IsRefused()
    {
        using var strangers = new SpoolFixture(seed: 22);
        // A stranger's own certificate, and ours with a stranger's signature.
        Assert.Equal(SegmentFault.Certificate, FaultOf(strangers.Segment(
            _spool.Header(), strangers.Identity, [1])));
        using var borrowed = strangers.WithCertificate(_spool.Identity.Certificate);
        Assert.Equal(SegmentFault.Signature, FaultOf(_spool.Segment(_spool.Header(), borrowed, [1])));
    }

    [Fact]
    public void CertificateThatIsNone_IsRefused()
    {
        using var nonsense = _spool.WithCertificate(_spool.Mail(300));
        Assert.Equal(SegmentFault.Certificate, FaultOf(_spool.Segment(_spool.Header(), nonsense, [1])));
    }

    [Fact]
    public void BackendCertificate_MayNotFeedTheQueue() => Assert.Equal(
        SegmentFault.Role, FaultOf(SignedBy(_spool.IdentityOf(Gateway with { Role = PeerRole.Backend }))));

    [Fact]
    public void OtherRegion_IsRefused_ByCertificateAndByHeader()
    {
        Assert.Equal(
            SegmentFault.Region, FaultOf(SignedBy(_spool.IdentityOf(Gateway with { Region = Region.Us }))));
        Assert.Equal(SegmentFault.Region, FaultOf(_spool.Segment(
            _spool.Header(region: Region.Us), _spool.Identity, [1])));
    }

    [Fact]
    public void Threat_12_ExpelledGateway_FeedsTheQueueNoMore_AlsoOneSeenBefore()
    {
        var before = _spool.Segment(_spool.Mail(5));
        _spool.Verify(before);
        var after = _spool.Segment(_spool.Header(SpoolFixture.Now.AddSeconds(1)), _spool.Identity, _spool.Mail(5));
        _spool.Verify(after);

        _spool.Expel("gw-1", SpoolFixture.Now);
        Assert.Equal(SegmentFault.Revoked, FaultOf(after));
        // What it received before lies in no sender's queue any more.
        Assert.Single(_spool.Verify(before).Records);
    }

    [Fact]
    public void GatewayExpelledAndLetInAgain_MayFeed_AndOthersAllAlong()
    {
        var segment = _spool.Segment(_spool.Header(SpoolFixture.Now.AddSeconds(1)), _spool.Identity, _spool.Mail(5));
        _spool.Expel("gw-1", SpoolFixture.Now.AddSeconds(-1)); // its certificate is of Now
        _spool.Expel("gw-2", SpoolFixture.Now);
        Assert.Single(_spool.Verify(segment).Records);
    }

    [Fact]
    public void AuthoritiesThatChange_CountAtOnce()
    {
        using var next = new SpoolFixture(seed: 23);
        var segment = _spool.Segment(next.Header(), next.Identity, _spool.Mail(5));
        Assert.Equal(SegmentFault.Certificate, FaultOf(segment));
        _spool.Peers = new([next.AuthorityCertificate, _spool.AuthorityCertificate], []);
        Assert.Single(_spool.Verify(segment).Records);
        _spool.Peers = new([_spool.AuthorityCertificate], []);
        Assert.Equal(SegmentFault.Certificate, FaultOf(segment));
    }

    /// <summary>Mail that waited until its gateway's CA had a successor is mail all the same.</summary>
    [Fact]
    public void AuthorityOfThePast_CountsForSegments_AndLetsNobodyIn()
    {
        using var past = new SpoolFixture(seed: 23);
        var segment = _spool.Segment(past.Header(), past.Identity, _spool.Mail(5));
        _spool.Peers = new([_spool.AuthorityCertificate], []) { Past = [past.AuthorityCertificate] };
        Assert.Single(_spool.Verify(segment).Records);
        Assert.False(_spool.Peers.TryVerify(past.Identity.Certificate, SpoolFixture.Now, out _));
        Assert.True(new PeerTrust(past.AuthorityCertificate).TryVerify(past.Identity.Certificate, SpoolFixture.Now, out _));
    }

    [Fact]
    public void GatewayThatOutlivedItsCertificate_MaySpoolForAWhile_NotForEver()
    {
        var expired = SpoolFixture.Now.AddDays(1);
        GatewayIdentity Short() => _spool.IdentityOf(Gateway, life: TimeSpan.FromDays(1));
        Assert.Single(_spool.Verify(SignedBy(Short(), expired.AddDays(27))).Records);

        var farKey = _spool.QueueKey with { NotAfter = SpoolFixture.Now.AddDays(90) };
        var trust = TrustWith(farKey);
        using var identity = Short();
        var tooLate = _spool.Header(expired.AddDays(30).AddSeconds(1)) with { QueueKey = farKey };
        Assert.Equal(SegmentFault.Certificate, FaultOf(_spool.Segment(tooLate, identity, [1]), trust));
    }

    [Fact]
    public void SegmentFromBeforeItsCertificate_IsRefused()
    {
        var early = SpoolFixture.Now - CertificateAuthority.BackDating - TimeSpan.FromSeconds(1);
        Assert.Equal(SegmentFault.Certificate, FaultOf(_spool.Segment(_spool.Header(early), _spool.Identity, [1])));
    }

    [Fact]
    public void QueueKey_Unknown_OrNotValidThen_IsRefused()
    {
        var segment = _spool.Segment([1]);
        Assert.Equal(SegmentFault.QueueKeyUnknown, FaultOf(segment, TrustWith(_spool.QueueKey with { KeyId = 1 })));
        var ended = _spool.QueueKey with { NotAfter = SpoolFixture.Now.AddMilliseconds(-1) };
        Assert.Equal(SegmentFault.QueueKeyValidity, FaultOf(segment, TrustWith(ended)));
        var later = _spool.QueueKey with { NotBefore = SpoolFixture.Now.AddMilliseconds(1) };
        Assert.Equal(SegmentFault.QueueKeyValidity, FaultOf(segment, TrustWith(later)));
    }

    private SegmentTrust TrustWith(QueuePublicKey key) => new(
        _spool.AuthorityCertificate, Region.Eu, id => id == key.KeyId ? key : null);
}
