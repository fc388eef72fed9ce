using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using AMA.Mail;

namespace AMA.Grains.Archive.Ingest;

/// <summary>One accepted message on its way from the spool to pack, log and index.</summary>
public sealed class IngestItem(RecordRef reference, Envelope envelope, ReadOnlyMemory<byte> raw, byte[] sha256, ParsedMail mail)
{
    public RecordRef Reference => reference;
    public DeliveryId Delivery { get; } = new(new SegmentId(reference.Segment), reference.RecNo);
    public Envelope Envelope => envelope;
    public ReadOnlyMemory<byte> Raw => raw;
    public byte[] RawSha256 => sha256;
    public ParsedMail Mail => mail;
    public RetentionPart Part { get; } = RetentionPart.At(envelope.Tenant, envelope.Trace.AcceptedAt);

    /// <summary>Dedupe tag, under the lease that is live when it is made.</summary>
    public byte[] Tag { get; set; } = [];

    public Reservation Reservation { get; set; }

    /// <summary>The log batch that holds it; 0: not committed yet.</summary>
    public ulong Batch { get; set; }

    public bool IsNewRecord => Reservation.Kind is ReservationKind.NewRecord;
}
