using System.Buffers;
using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

public sealed class SegmentTests : IDisposable
{
    private readonly SpoolFixture _spool = new(seed: 11);

    public void Dispose() => _spool.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_900)]
    [InlineData(16_384)]
    [InlineData(700_000)]
    public void Records_ComeOutByteForByte(int length)
    {
        byte[][] raws = [_spool.Mail(length), _spool.Mail(10), _spool.Mail(length)];
        var segment = _spool.Segment(raws);
        var verified = _spool.Verify(segment);
        using var opener = _spool.Opener(segment);
        Assert.Equal(raws.Length, verified.Records.Count);
        foreach (var record in verified.Records)
        {
            var plain = opener.Open(record, Bytes(segment, record));
            var envelope = EnvelopeCodec.Decode(plain, out var read);
            Assert.Equal("a@example.org", envelope.Sender);
            Assert.True(plain.AsSpan(read).SequenceEqual(raws[record.RecNo]));
            Assert.Equal(plain.Length, record.PlainLength);
        }
    }

    [Fact]
    public void Record_PlainEndsAtAChunk_StillHasItsShortLastChunk()
    {
        var raw = _spool.Mail(16_384 - SpoolFixture.Envelope.Length);
        var segment = _spool.Segment(raw);
        var record = Assert.Single(_spool.Verify(segment).Records);
        Assert.Equal(12 + 56 + 16_384 + 16 + 16, record.Length);
        using var opener = _spool.Opener(segment);
        Assert.Equal(16_384, opener.Open(record, Bytes(segment, record)).Length);
    }

    [Fact]
    public void Verified_TellsWhatTheGatewayStated()
    {
        var header = _spool.Header();
        var verified = _spool.Verify(_spool.Segment(header, _spool.Identity, _spool.Mail(5)));
        Assert.Equal((header.Id, header.GatewayId, header.Created, Region.Eu, SpoolFixture.QueueKeyId), (
            verified.Head.Id, verified.Head.GatewayId, verified.Head.Created, verified.Head.Region,
            verified.Head.QueueKeyId));
        Assert.Equal(("gw-1", 7ul, 6ul), (verified.Gateway, verified.Sequence, verified.LastAcknowledged));
    }

    [Fact]
    public void EmptySegment_IsAStatementOfSequencesOnly() => Assert.Empty(_spool.Verify(_spool.Segment()).Records);

    [Fact]
    public void Message_InManyPieces_IsSealedAsOne()
    {
        var raw = _spool.Mail(50_000);
        var first = new Piece(raw.AsMemory(0, 1));
        var last = first.Add(raw.AsMemory(1, 16_383)).Add(raw.AsMemory(16_384, 0)).Add(raw.AsMemory(16_384));
        using var writer = new SegmentWriter(_spool.Header(), _spool.Identity, _spool.Random);
        writer.Add(SpoolFixture.Envelope, new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
        var segment = writer.Finish(1, 0).ToArray();
        using var opener = _spool.Opener(segment);
        var record = _spool.Verify(segment).Records[0];
        var plain = opener.Open(record, Bytes(segment, record));
        Assert.True(plain.AsSpan(SpoolFixture.Envelope.Length).SequenceEqual(raw));
    }

    [Fact]
    public void Writer_AfterItsEnd_TakesNothingMore()
    {
        using var writer = new SegmentWriter(_spool.Header(), _spool.Identity, _spool.Random);
        writer.Finish(1, 0);
        Assert.Throws<ObjectDisposedException>(() => writer.Add([], ReadOnlySequence<byte>.Empty));
        Assert.Throws<ObjectDisposedException>(() => writer.Finish(2, 1));
    }

    [Fact]
    public void Writer_OutsideTheQueueKeysTime_RefusesBeforeMailIsTaken()
    {
        var late = _spool.Header(_spool.QueueKey.NotAfter.AddSeconds(1));
        var fault = Assert.Throws<SegmentException>(() => new SegmentWriter(late, _spool.Identity, _spool.Random));
        Assert.Equal(SegmentFault.QueueKeyValidity, fault.Fault);
    }

    [Fact]
    public void Threat_34_NoTwoRecordsShareASalt_AndNoTwoSegmentsAKeyShare()
    {
        var mail = _spool.Mail(100);
        var segments = Enumerable.Range(0, 50).Select(_ => _spool.Segment(mail, mail, mail)).ToList();
        var salts = segments.SelectMany(segment => _spool.Verify(segment).Records.Select(record =>
            Convert.ToHexString(segment.AsSpan((int)record.Offset + 12, 24)))).ToList();
        var shares = segments.Select(segment => Convert.ToHexString(segment.AsSpan(64, 32))).ToList();
        Assert.Equal(150, salts.Distinct().Count());
        Assert.Equal(50, shares.Distinct().Count());
    }

    [Fact]
    public void Threat_36_RecordInAnotherPlace_DoesNotOpen()
    {
        var mail = _spool.Mail(200);
        var (one, other) = (_spool.Segment(mail, mail), _spool.Segment(mail, mail));
        using var opener = _spool.Opener(one);
        var records = _spool.Verify(one).Records;
        var foreign = _spool.Verify(other).Records[0];
        // Of another segment, in full agreement with its hash; of the same segment under another number.
        Assert.Equal(SegmentFault.Commitment, FaultOf(() => opener.Open(foreign, Bytes(other, foreign))));
        Assert.Equal(SegmentFault.Changed, FaultOf(() => opener.Open(records[0], Bytes(one, records[1]))));
        Assert.Equal(SegmentFault.Changed, FaultOf(() => opener.Open(
            records[1] with { RecNo = 0 }, Bytes(one, records[1]))));
    }

    [Fact]
    public void Threat_35_AnotherKey_FailsAtTheCommitment()
    {
        var segment = _spool.Segment(_spool.Mail(10));
        var record = _spool.Verify(segment).Records[0];
        using var other = new SpoolFixture(seed: 12);
        using var opener = other.Opener(segment);
        Assert.Equal(SegmentFault.Commitment, FaultOf(() => opener.Open(record, Bytes(segment, record))));
    }

    [Fact]
    public void QueueKeyThatIsGone_IsNamed()
    {
        var segment = _spool.Segment(_spool.Mail(10));
        Assert.Equal(SegmentFault.QueueKeyUnknown, FaultOf(
            () => SegmentOpener.Create(segment.AsSpan(0, SegmentHead.Bytes), _ => null)));
    }

    [Fact]
    public void Threat_36_EveryBitOfARecord_IsGuardedWithoutTheSignature()
    {
        var segment = _spool.Segment(_spool.Mail(40));
        var record = _spool.Verify(segment).Records[0];
        using var opener = _spool.Opener(segment);
        var bytes = Bytes(segment, record).ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            // The hash agrees, as if the passed-on reference itself had been made up.
            var forged = record with { Sha256 = SHA256.HashData(bytes) };
            Assert.NotNull(Record.Exception(() => opener.Open(forged, bytes)) as SegmentException);
            Assert.Equal(SegmentFault.Changed, FaultOf(() => opener.Open(record, bytes)));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    private static SegmentFault FaultOf(Action action) => Assert.Throws<SegmentException>(action).Fault;

    private static ReadOnlySpan<byte> Bytes(byte[] segment, SegmentRecord record) =>
        segment.AsSpan((int)record.Offset, (int)record.Length);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Add(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
