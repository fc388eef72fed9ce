using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Blobs;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

/// <summary>A segment that is refused still says whose mail it held, as far as it opens; and never more than that.</summary>
public sealed class SegmentSalvageTests : IDisposable
{
    private static readonly TenantId Tenant = new(new Guid(1, 2, 3, new byte[8]));

    private readonly SpoolFixture _spool = new(seed: 12);

    public void Dispose() => _spool.Dispose();

    [Fact]
    public void Damage_CostsTheRecordItMeets()
    {
        var segment = _spool.Segment(_spool.Mail(500), _spool.Mail(500), _spool.Mail(500));
        var records = _spool.Verify(segment).Records;
        segment[records[1].Offset + 60] ^= 1;
        Assert.Equal([true, false, true], Read(segment).Select(one => one?.Tenant == Tenant));
        segment[^1] ^= 1; // the signature: nobody vouches for it any more
        Assert.Equal(3, Read(segment).Count);
    }

    [Fact]
    public void WhatFollowsALengthThatIsWrong_IsNotGuessed()
    {
        var segment = _spool.Segment(_spool.Mail(500), _spool.Mail(500));
        segment[_spool.Verify(segment).Records[0].Offset] = 0x7F;
        Assert.Empty(Read(segment));
    }

    [Fact]
    public void NoSegmentAtAll_OrNoKey_TellsNothing_AndThrowsNothing()
    {
        Assert.Empty(Read(new byte[80_000]));
        Assert.Empty(Read([]));
        var segment = _spool.Segment(_spool.Mail(500));
        Assert.Empty(SegmentSalvage.Read(segment, _ => null));
        for (var length = 0; length < segment.Length; length++)
            Assert.InRange(Read(segment[..length]).Count, 0, 1);
    }

    [Fact]
    public async Task Quarantine_IsCountedByTenant_AndWhatNobodyKnowsIsTheRegions()
    {
        var primary = new MemoryBlobStore();
        var owners = new QuarantineOwners(primary);
        var envelope = EnvelopeCodec.Decode(SpoolFixture.Envelope, out _);
        await owners.NoteAsync(new SegmentId(_spool.Random.NextId()), [envelope, null, envelope]);
        await owners.NoteAsync(new SegmentId(_spool.Random.NextId()), []);
        await primary.PutIfAbsentAsync($"quarantine/{_spool.Random.NextId():N}/0.amq1", new byte[1], default);
        foreach (var read in new[] { owners, new QuarantineOwners(primary) })
        {
            Assert.Equal(2, await read.CountAsync(Tenant));
            Assert.Equal(0, await read.CountAsync(new TenantId(Guid.Empty)));
            Assert.Equal(3 + 1 + 1, await read.CountAsync(null));
        }
    }

    private IReadOnlyList<Envelope?> Read(byte[] segment) =>
        SegmentSalvage.Read(segment, id => id == SpoolFixture.QueueKeyId ? _spool.QueuePrivate : null);
}
