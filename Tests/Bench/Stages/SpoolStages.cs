using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Sealing;
using AMA.Archive.Spool;

namespace AMA.Tests.Bench.Stages;

/// <summary>A message as it comes out of the spool.</summary>
public sealed record SpooledMessage(DeliveryId Delivery, Envelope Envelope, ReadOnlyMemory<byte> Raw, byte[] Sha256);

/// <summary>From the wire's bytes to the back end's: the gateway's sealing, two stores, the reader's checks.</summary>
public sealed class SpoolStages : IDisposable
{
    private const ulong QueueKeyId = 1;

    private readonly StageClock _clock;
    private readonly DateTimeOffset _now;
    private readonly FileBlobStore[] _stores;
    private readonly CertificateAuthority _authority;
    private readonly GatewayIdentity _identity;
    private readonly Secret _queuePrivate;
    private readonly QueuePublicKey _queueKey;
    private readonly SegmentTrust _trust;
    private readonly Guid _gateway = SystemRandom.Instance.NextId();
    private ulong _sequence;

    public SpoolStages(StageClock clock, string folder, DateTimeOffset now)
    {
        (_clock, _now) = (clock, now);
        var files = new DurableFiles();
        _stores = [new(Path.Combine(folder, "spool", "a"), files), new(Path.Combine(folder, "spool", "b"), files)];
        _authority = CertificateAuthority.Create(Region.Eu, now);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _identity = new(key, _authority.Issue(
            new(Region.Eu, PeerRole.Gateway, "bench"), new PublicKey(key), now, TimeSpan.FromDays(1),
            SystemRandom.Instance));
        (_queuePrivate, var share) = KeyAgreement.NewPair(SystemRandom.Instance);
        _queueKey = new(QueueKeyId, share, now.AddDays(-1), now.AddDays(1));
        _trust = new(_authority.Certificate, Region.Eu, _ => _queueKey);
    }

    public IReadOnlyList<SpooledMessage> Run(IReadOnlyList<(Envelope Envelope, ReadOnlyMemory<byte> Raw)> group)
    {
        var id = new SegmentId(SystemRandom.Instance.NextId());
        var segment = _clock.Time("spool: seal, sign", () => Seal(id, group));
        _clock.Time("spool: write to two stores", () => Write(id, segment));
        var verified = _clock.Time("spool: check signature", () => SegmentReader.Verify(segment, _trust));
        return _clock.Time("spool: open, hash", () => Open(verified, segment));
    }

    public void Dispose()
    {
        foreach (var store in _stores) store.Dispose();
        _identity.Dispose();
        _authority.Dispose();
        _queuePrivate.Dispose();
    }

    private ReadOnlyMemory<byte> Seal(SegmentId id, IReadOnlyList<(Envelope Envelope, ReadOnlyMemory<byte> Raw)> group)
    {
        var header = new SegmentHeader(id, _gateway, Region.Eu, _now, _queueKey);
        using var writer = new SegmentWriter(header, _identity, SystemRandom.Instance);
        foreach (var (envelope, raw) in group)
            writer.Add(EnvelopeCodec.Encode(envelope), new ReadOnlySequence<byte>(raw));
        return writer.Finish(++_sequence, _sequence - 1).ToArray();
    }

    private void Write(SegmentId id, ReadOnlyMemory<byte> segment)
    {
        var copies = _stores.Select(store =>
            store.PutIfAbsentAsync(SegmentNames.Of(id), segment, CancellationToken.None).AsTask());
        Task.WhenAll(copies).GetAwaiter().GetResult();
    }

    private List<SpooledMessage> Open(VerifiedSegment verified, ReadOnlyMemory<byte> segment)
    {
        using var opener = SegmentOpener.Create(segment.Span[..SegmentHead.Bytes], _ => _queuePrivate);
        var messages = new List<SpooledMessage>(verified.Records.Count);
        foreach (var record in verified.Records)
        {
            var bytes = segment.Span.Slice((int)record.Offset, (int)record.Length);
            ReadOnlyMemory<byte> plain = opener.Open(record, bytes);
            var envelope = EnvelopeCodec.Decode(plain.Span, out var read);
            var raw = plain[read..];
            messages.Add(new(new(verified.Head.Id, record.RecNo), envelope, raw, SHA256.HashData(raw.Span)));
        }
        return messages;
    }
}
