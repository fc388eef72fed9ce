using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>
/// Makes a tenant's daily reconciliation from its log, its queue and its index. Nothing of it lies on a disk: what names a
/// message comes from the sealed index, under the asker's lease. docs/formats/reconciliation.md.
/// </summary>
public sealed class DayFiles(
    SegmentMarks marks, StorePair stores, Quarantine quarantine, TimeProvider time, ILogger<DayFiles> log)
{
    private const int LinesPerLook = 512;
    private const int PieceBytes = 128 << 10;

    public async Task<DayTotals[]> DaysAsync(TenantId tenant, IGrainFactory grains, string region) =>
        (await BookAsync(tenant, null, grains, region)).All(time.GetUtcNow());

    public async Task<RetentionPart[]> PartsAsync(TenantId tenant, IGrainFactory grains) =>
        [.. (await ArchiveOf(tenant, grains).Parts()).Select(part => new RetentionPart(tenant, part.Class, part.Epoch))];

    /// <param name="lease">The asker's, over the tenant's parts; null: there is no part yet.</param>
    public async IAsyncEnumerable<byte[]> WriteAsync(
        TenantId tenant, DateOnly day, HeldLease? lease, IGrainFactory grains, string region)
    {
        var now = time.GetUtcNow();
        if (day > DayBook.DayOf(now)) throw new ArchiveException(ArchiveRefusal.BadQuery, "that day is still to come");
        var book = await BookAsync(tenant, day, grains, region);
        using var text = new DayFileText();
        text.Begin(tenant, book, book.Totals(day, now));
        var counted = (Archived: 0L, Duplicates: 0L);
        await foreach (var lines in LinesAsync(tenant, day, book, lease, grains))
        {
            foreach (var line in lines) text.Add(line);
            counted.Archived += lines.Count(line => line.Outcome == "archived");
            counted.Duplicates += lines.Count(line => line.Outcome == "duplicate");
            if (text.Waiting >= PieceBytes) yield return text.Take();
        }
        foreach (var waiting in book.WaitingOf(day))
        {
            text.Add(new(IdOf(waiting), waiting.AcceptedAt, waiting.Source, "waiting", null, null, false, null));
            if (text.Waiting >= PieceBytes) yield return text.Take();
        }
        text.End(Agrees(tenant, book.Totals(day, now), counted));
        yield return text.Take();
    }

    private bool Agrees(TenantId tenant, DayTotals totals, (long Archived, long Duplicates) counted)
    {
        if (counted == (totals.Archived, totals.Duplicates)) return true;
        DeliveriesLog.Differs(
            log, totals.Day, tenant, counted.Archived, counted.Duplicates, totals.Archived, totals.Duplicates);
        return false;
    }

    /// <summary>The log's deliveries of the day, in its order, some at a time.</summary>
    private async IAsyncEnumerable<List<DayLine>> LinesAsync(
        TenantId tenant, DateOnly day, DayBook book, HeldLease? lease, IGrainFactory grains)
    {
        if (book.Find(day) is not { } known) yield break;
        var heads = new DayHeads(lease, grains, await ArchiveOf(tenant, grains).Parts());
        await foreach (var batch in new TenantLog(stores.Primary, tenant).ReadAsync(known.FirstBatch, default))
        {
            if (batch.Number > known.LastBatch) yield break;
            var entries = batch.Entries.Where(entry => entry.Accepted is { } one && DayBook.DayOf(one.At) == day);
            foreach (var some in entries.Chunk(LinesPerLook))
                yield return await LinesAsync(some, ArchiveOf(tenant, grains), heads);
        }
    }

    private static async Task<List<DayLine>> LinesAsync(LogEntry[] entries, IArchiveGrain archive, DayHeads heads)
    {
        Guid[] records = [.. entries.Select(entry => entry.Leaf.Record.Value)];
        var erased = new HashSet<Guid>();
        foreach (var part in entries.GroupBy(entry => (entry.Leaf.Class, entry.Leaf.Epoch)))
            erased.UnionWith(await archive.GoneOf(
                part.Key.Class, part.Key.Epoch, [.. part.Select(entry => entry.Leaf.Record.Value).Distinct()]));
        var shown = await heads.OfAsync(entries);
        return [.. entries.Select((entry, i) => new DayLine(
            entry.Delivery!.Value, entry.Accepted!.Value.At, entry.Accepted.Value.Source,
            entry.Leaf.Type is LeafType.Archived ? "archived" : "duplicate", entry.Leaf.Time, records[i],
            erased.Contains(records[i]), shown.GetValueOrDefault(records[i])))];
    }

    private async Task<DayBook> BookAsync(TenantId tenant, DateOnly? day, IGrainFactory grains, string region)
    {
        var (archive, spool) = (ArchiveOf(tenant, grains), grains.GetGrain<ISpoolReaderGrain>(region));
        // In this order: what is neither seen waiting nor in the log was accepted later than the first look.
        var before = await spool.Queued(tenant.Value);
        var days = await archive.Days(day);
        var after = await spool.Queued(tenant.Value);
        var places = await archive.FindDeliveries([.. before.Waiting.Select(one => new RecordRef(one.Segment, one.RecNo))]);
        var still = after.Waiting.Select(IdOf).ToHashSet();
        var waiting = new List<QueuedView>();
        foreach (var (one, batch) in before.Waiting.Zip(places.Batches))
        {
            var logged = batch ?? (still.Contains(IdOf(one)) ? null : await MarkedAsync(tenant, IdOf(one)));
            if (!(logged < days.NextBatch)) waiting.Add(one);
        }
        var unread = before.IsCut ? DateTimeOffset.MinValue : before.OldestUnread;
        return new(days.NextBatch, days.Days, waiting, unread, await quarantine.DaysAsync());
    }

    private async Task<ulong?> MarkedAsync(TenantId tenant, DeliveryId delivery) =>
        (await marks.ReadAsync(delivery.Segment))?.BatchOf(tenant, delivery.RecNo);

    private static DeliveryId IdOf(QueuedView one) => new(new SegmentId(one.Segment), one.RecNo);

    private static IArchiveGrain ArchiveOf(TenantId tenant, IGrainFactory grains) =>
        grains.GetGrain<IArchiveGrain>(tenant.ToString());
}
