using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Link;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>Begins segments in this gateway's name, sealed to the newest valid queue key.</summary>
internal sealed class SegmentMaker(GatewayStanding standing, Region region, IRandom random, TimeProvider time)
{
    /// <summary>Throws <see cref="SpoolException"/> while there is no identity or no valid queue key.</summary>
    public SegmentWriter Begin(SegmentLane lane, int expectedBytes)
    {
        var (identity, header) = Next(lane);
        return new SegmentWriter(header, identity, random, expectedBytes);
    }

    /// <summary>
    /// A name for a streamed segment; <see cref="Begin(SegmentHeader, IReadOnlyList{IBlobWriter})"/> follows.
    /// </summary>
    public SegmentHeader NextHeader(SegmentLane lane) => Next(lane).Header;

    public StreamedSegmentWriter Begin(SegmentHeader header, IReadOnlyList<IBlobWriter> targets) =>
        new(header, standing.Identity ?? throw NotEnrolled(), random, targets);

    private (GatewayIdentity Identity, SegmentHeader Header) Next(SegmentLane lane)
    {
        var identity = standing.Identity ?? throw NotEnrolled();
        var now = time.GetUtcNow();
        var key = standing.QueueKeyAt(now) ?? throw new SpoolException("no queue key is valid now");
        var id = new SegmentId(random.NextId());
        return (identity, new SegmentHeader(id, lane.GatewayId, region, now, key));
    }

    private static SpoolException NotEnrolled() => new("the gateway has no certificate yet");
}
