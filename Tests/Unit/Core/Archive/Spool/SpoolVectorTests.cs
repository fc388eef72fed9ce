using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Spool;
using AMA.Tests.Unit.Core.Archive.Sealing;
using AMA.Tests.Unit.Vectors;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Spool;

public class SpoolVectorTests
{
    [Fact]
    public void Envelope_AllVectors() => VectorRun.All(
        "envelope.vector", @case => EnvelopeCodec.Decode(@case.Bytes("envelope"), out _), @case =>
        {
            var bytes = @case.Bytes("envelope");
            var envelope = EnvelopeCodec.Decode(bytes, out var read);
            Assert.Equal(bytes.Length, read);
            Assert.Equal(@case.Bytes(@case.Has("reads-as") ? "reads-as" : "envelope"), EnvelopeCodec.Encode(envelope));
            if (@case.Has("tenant")) AssertFields(@case, envelope);
        });

    [Fact]
    public void Segment_AllVectors() => VectorRun.All("AMQ1.vector", @case => Open(@case), @case =>
    {
        var (segment, plains) = Open(@case);
        Assert.Equal(@case.Number("sequence"), (long)segment.Sequence);
        Assert.Equal(@case.Number("acknowledged"), (long)segment.LastAcknowledged);
        Assert.Equal(@case.Text("gateway"), segment.Gateway);
        Assert.Equal(@case.Number("created"), segment.Head.Created.ToUnixTimeMilliseconds());
        Assert.Equal(@case.Text("gateway-id"), segment.Head.GatewayId.ToString("N"));
        Assert.Equal(@case.Text("segment-id"), segment.Head.Id.ToString());
        Assert.Equal(@case.FieldNames.Count(field => field.StartsWith("plain-")), plains.Length);
        for (var i = 0; i < plains.Length; i++) Assert.Equal(@case.Bytes($"plain-{i}"), plains[i]);
    });

    private static (VerifiedSegment, byte[][]) Open(VectorCase @case)
    {
        var bytes = @case.Bytes("segment");
        var segment = SegmentReader.Verify(bytes, TrustOf(@case));
        using var queuePrivate = Secret.Copy(@case.Bytes("queue-private"));
        using var opener = SegmentOpener.Create(bytes.AsSpan(0, SegmentHead.Bytes), _ => queuePrivate);
        var plains = segment.Records.Select(record =>
            opener.Open(record, bytes.AsSpan((int)record.Offset, (int)record.Length)));
        return (segment, plains.ToArray());
    }

    private static SegmentTrust TrustOf(VectorCase @case)
    {
        Assert.True(RegionText.TryParse(@case.Text("region"), out var region));
        var key = new QueuePublicKey(
            (ulong)@case.Number("queue-key"), @case.Bytes("queue-public"),
            DateTimeOffset.FromUnixTimeMilliseconds(@case.Number("queue-from")),
            DateTimeOffset.FromUnixTimeMilliseconds(@case.Number("queue-until")));
        var peers = new PeerTrust([@case.Bytes("authority")], [.. RevokedIn(@case)]);
        return new SegmentTrust(() => peers, region, id => id == key.KeyId ? key : null);
    }

    private static IEnumerable<RevokedPeer> RevokedIn(VectorCase @case)
    {
        if (!@case.Has("revoked")) yield break;
        yield return new(
            PeerRole.Gateway, @case.Text("revoked"),
            DateTimeOffset.FromUnixTimeMilliseconds(@case.Number("revoked-until")));
    }

    private static void AssertFields(VectorCase @case, Envelope envelope)
    {
        var trace = envelope.Trace;
        Assert.Equal(@case.Text("tenant"), envelope.Tenant.ToString());
        Assert.Equal(@case.Text("sender"), envelope.Sender);
        Assert.Equal(@case.Text("recipients"), string.Join(' ', envelope.Recipients.Select(r => r.Address)));
        Assert.Equal(@case.Number("accepted-at"), trace.AcceptedAt.ToUnixTimeMilliseconds());
        Assert.Equal(@case.Text("client"), trace.ClientAddress);
        Assert.Equal(@case.Text("helo"), trace.Helo);
        Assert.Equal(@case.Text("protocol"), trace.TlsProtocol);
        Assert.Equal(@case.Text("cipher"), trace.TlsCipher);
        Assert.Equal(@case.Has("identity") ? @case.Text("identity") : null, trace.AuthIdentity);
        Assert.Equal(@case.Number("smtputf8") == 1, trace.SmtpUtf8);
        Assert.Equal(@case.Number("eightbit") == 1, trace.EightBitMime);
        Assert.Equal(@case.Number("size"), trace.DeclaredSize);
        Assert.Equal(@case.Has("envelope-id") ? @case.Text("envelope-id") : null, trace.EnvelopeId);
    }
}
