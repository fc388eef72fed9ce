using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Storage;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Ingest;

/// <summary>
/// Takes one mailbox's records from the spool to the archive: open and read, reserve, seal, commit, index. Holds
/// nothing between calls but the index work that still runs beside the next batch.
/// </summary>
public sealed class MailboxIngestGrain(
    IngestReader reader, IngestFeeds feeds, LeaseHolder holder, TimeProvider time, ILogger<MailboxIngestGrain> log)
    : Grain, IMailboxIngestGrain
{
    /// <summary>A commit may find that another mailbox committed the same bytes meanwhile: then once more from there.</summary>
    private const int TriesMax = 4;

    private Task _indexing = Task.CompletedTask;

    public async Task<ulong[]> Ingest(RecordRef[] records)
    {
        var items = await reader.ReadAsync(records);
        foreach (var part in items.GroupBy(i => i.Part))
            await ArchiveAsync(await PartForAsync(part.Key), [.. part]);
        return [.. items.Select(i => i.Batch)];
    }

    /// <summary>Only parts of months that are over can have ended: of the newest nobody asks.</summary>
    private async Task<RetentionPart> PartForAsync(RetentionPart part)
    {
        if (part.Epoch >= RetentionPart.At(part.Tenant, time.GetUtcNow()).Epoch) return part;
        var archive = GrainFactory.GetGrain<IArchiveGrain>(part.Tenant.ToString());
        return part with { Epoch = await archive.PartFor(part.Class, part.Epoch) };
    }

    private async Task ArchiveAsync(RetentionPart part, IngestItem[] items)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var lease = await ReserveAsync(part, items);
            foreach (var done in items.Where(i => i.Reservation.Kind is ReservationKind.Done))
                done.Batch = done.Reservation.Batch;
            IngestItem[] open = [.. items.Where(i => i.Reservation.Kind is not ReservationKind.Done)];
            if (open.Length == 0) return;
            if (await CommitAsync(part, lease, open) is not { } batch) continue;
            foreach (var item in open) item.Batch = batch.Number;
            return;
        }
        throw new ArchiveException(ArchiveRefusal.Unavailable, "other mailboxes commit the same messages; try again");
    }

    private async Task<IngestLease> ReserveAsync(RetentionPart part, IngestItem[] items)
    {
        var archive = GrainFactory.GetGrain<IArchiveGrain>(part.Tenant.ToString());
        await archive.Open(part.Class, part.Epoch);
        var lease = holder.Ingest(part)
            ?? throw new ArchiveException(ArchiveRefusal.Locked, "the archive is locked: its key lease has ended");
        foreach (var item in items)
            item.Tag = RecordTags.Dedupe(lease.TagKey, item.Raw.Span);
        var reservations = await archive.Reserve(new(
            part.Class, part.Epoch, [.. items.Select(i => i.Reference)], [.. items.Select(i => i.Tag)]));
        for (var i = 0; i < items.Length; i++)
            items[i].Reservation = reservations[i];
        return lease;
    }

    private async Task<CommittedBatch?> CommitAsync(RetentionPart part, IngestLease lease, IngestItem[] items)
    {
        var ticket = feeds.Offer(new StoreWork(part, lease, items));
        var stored = await GrainFactory.GetGrain<IStorageGrain>(part.Tenant.ToString()).Store(ticket);
        feeds.Index.Put(stored.Pack, Documents(lease, items, stored));
        var batch = await GrainFactory.GetGrain<IArchiveGrain>(part.Tenant.ToString())
            .Commit(new(part.Class, part.Epoch, stored.Pack, [.. items.Select((item, i) => Commit(item, stored.Items[i]))]));
        if (batch is { } committed)
            await IndexAsync(part, committed, stored.Pack);
        else
            feeds.Index.Take(stored.Pack);
        return batch;
    }

    /// <summary>Indexing runs beside the next batch, one batch at a time.</summary>
    private async Task IndexAsync(RetentionPart part, CommittedBatch batch, Guid pack)
    {
        await _indexing;
        _indexing = ApplyAsync(part, batch, pack);
    }

    private async Task ApplyAsync(RetentionPart part, CommittedBatch batch, Guid pack)
    {
        try
        {
            await GrainFactory.GetGrain<IIndexGrain>(part.ToString()).Apply(batch.Number, pack, batch.FirstLeafIndex);
        }
        catch (Exception e)
        {
            // Committed is committed: the archive brings the index level with its log later.
            IngestLog.IndexLater(log, part, batch.Number, e.GetType().Name, e.Message);
        }
    }

    private static CommitItem Commit(IngestItem item, StoredItem stored) => new(
        item.Reference, item.Reservation.Kind, item.Reservation.Record, item.Reservation.Leaf, stored.PackRecord,
        stored.ContainerSha256, stored.ContentCommit, item.Envelope.Trace.Source ?? Guid.Empty, item.Raw.Length,
        item.Envelope.Trace.AcceptedAt);

    private static IndexBatch Documents(IngestLease lease, IngestItem[] items, StoredPack stored)
    {
        var places = items.Select((item, i) => IndexDocuments.Delivery(
            item.Delivery, new(stored.Pack, stored.Items[i].PackRecord, item.Reservation.Leaf, lease.TreeGeneration),
            item.Envelope)).ToArray();
        return new(
            [.. items.Index().Where(i => i.Item.IsNewRecord).Select(i => IndexDocuments.Record(
                new(new(i.Item.Reservation.Record), (ulong)i.Index), i.Item.Tag, places[i.Index], i.Item.Raw.Length, i.Item.Mail))],
            [.. items.Index().Where(i => !i.Item.IsNewRecord).Select(i => new AMA.Search.Documents.DeliveryEntry(
                new(i.Item.Reservation.Record), places[i.Index]))]);
    }
}
