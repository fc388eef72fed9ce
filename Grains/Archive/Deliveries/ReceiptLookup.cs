using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Spool;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>
/// What became of one delivery. Nothing is scanned: the archive knows the batch while the segment is there, its mark when
/// it is gone. docs/completeness.md.
/// </summary>
public sealed class ReceiptLookup(SegmentMarks marks, StorePair stores)
{
    /// <summary>For the tenant's own people; null: no delivery of the tenant's.</summary>
    public async Task<ReceiptView?> FindAsync(TenantId tenant, DeliveryId delivery, IGrainFactory grains, string region)
    {
        var archive = grains.GetGrain<IArchiveGrain>(tenant.ToString());
        var places = await archive.FindDeliveries([new(delivery.Segment.Value, delivery.RecNo)]);
        if (places.Batches[0] is { } batch) return await ArchivedAsync(tenant, delivery, batch, archive);
        if (await MarkedAsync(tenant, delivery, archive) is { } marked) return marked;
        if (await SpoolOf(grains, region).Find(delivery.Segment.Value, delivery.RecNo, tenant.Value) is { } waiting)
            return new()
            {
                State = ReceiptState.Accepted,
                WaitsFor = places.IsLocked ? "lease" : "turn",
                AcceptedAt = waiting.AcceptedAt,
                Source = waiting.Source,
            };
        // It may have been archived and taken out of the queue between the two looks.
        return await MarkedAsync(tenant, delivery, archive);
    }

    /// <summary>For operators: whether, not what.</summary>
    public async Task<ReceiptView?> FindAsync(DeliveryId delivery, IGrainFactory grains, string region)
    {
        if (await StateAsync(delivery) is { } ended) return ended;
        if (await SpoolOf(grains, region).Find(delivery.Segment.Value, delivery.RecNo, null) is not null)
            return new() { State = ReceiptState.Accepted, WaitsFor = "turn" };
        return await StateAsync(delivery);
    }

    private static ISpoolReaderGrain SpoolOf(IGrainFactory grains, string region) =>
        grains.GetGrain<ISpoolReaderGrain>(region);

    private async Task<ReceiptView?> StateAsync(DeliveryId delivery) => await marks.ReadAsync(delivery.Segment) switch
    {
        { Quarantine: { } note } => Quarantined(note),
        { } mark when mark.Holds(delivery.RecNo) => new() { State = ReceiptState.Archived },
        _ => null,
    };

    private async Task<ReceiptView?> MarkedAsync(TenantId tenant, DeliveryId delivery, IArchiveGrain archive)
    {
        if (await marks.ReadAsync(delivery.Segment) is not { } mark) return null;
        if (mark.Quarantine is { } note) return Quarantined(note);
        return mark.BatchOf(tenant, delivery.RecNo) is { } batch
            ? await ArchivedAsync(tenant, delivery, batch, archive)
            : null;
    }

    private static ReceiptView Quarantined(QuarantineNote note) =>
        new() { State = ReceiptState.Quarantined, Reason = note.Fault };

    private async Task<ReceiptView> ArchivedAsync(
        TenantId tenant, DeliveryId delivery, ulong number, IArchiveGrain archive)
    {
        var batch = await new TenantLog(stores.Primary, tenant).ReadOneAsync(number, default);
        var entry = batch.Entries.FirstOrDefault(e => e.Delivery == delivery)
            ?? throw new ArchiveException(ArchiveRefusal.Unavailable, $"log batch {number} doesn't hold the delivery");
        var record = entry.Leaf.Record.Value;
        var erased = (await archive.GoneOf(entry.Leaf.Class, entry.Leaf.Epoch, [record])).Length > 0;
        return new()
        {
            State = erased ? ReceiptState.Erased : ReceiptState.Archived,
            Record = record,
            IsDuplicate = entry.Leaf.Type is LeafType.Delivery,
            Source = entry.Accepted?.Source,
            AcceptedAt = entry.Accepted?.At,
            ArchivedAt = entry.Leaf.Time,
        };
    }
}
