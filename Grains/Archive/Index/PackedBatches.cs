using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Threads;
using AMA.Mail;
using AMA.Search.Documents;

namespace AMA.Grains.Archive.Index;

/// <summary>
/// Makes index documents again from log and packs: after a crash, under a lease that opens just these leaves, and only
/// until the index was reported durable.
/// </summary>
public sealed class PackedBatches(StorePair stores, LeaseClient leases, SiloThreads threads)
{
    /// <summary>What batch <paramref name="number"/> adds to the part's index; empty when it holds nothing of it.</summary>
    public async Task<IndexBatch> ReadAsync(RetentionPart part, ulong number)
    {
        var batch = await new TenantLog(stores.Primary, part.Tenant).ReadOneAsync(number, default);
        var entries = batch.Entries.Index()
            .Select(e => (Entry: e.Item, LogIndex: batch.FirstLeafIndex + (ulong)e.Index))
            .Where(e => e.Entry.Leaf.Type is LeafType.Archived or LeafType.Delivery or LeafType.Resealed)
            .Where(e => e.Entry.Leaf.Class == part.Class && e.Entry.Leaf.Epoch == part.Epoch)
            .ToArray();
        var made = new IndexBatch([], [])
        {
            // One batch is of one kind: ingest and re-seal commit their own.
            IsResealed = entries.Length > 0 && entries[0].Entry.Leaf.Type == LeafType.Resealed,
        };
        foreach (var some in entries.Chunk(LeaseLimits.MaintainLeavesMax))
        {
            var lease = await leases.MaintainAsync(part, some.Select(e => LeafOf(e.Entry)));
            try
            {
                foreach (var pack in some.GroupBy(e => e.Entry.Pack!.Value))
                    made = Join(made, await ReadPackAsync(part, pack.Key, [.. pack], lease));
            }
            finally
            {
                lease.Dispose();
                await leases.ReleaseAsync(lease);
            }
        }
        return made;
    }

    private async Task<IndexBatch> ReadPackAsync(RetentionPart part, Guid pack, (LogEntry Entry, ulong LogIndex)[] entries, HeldLease lease)
    {
        // Of what was erased since, or lies elsewhere by now, Control gives no key; its pack may be gone.
        if (!entries.Any(e => lease.LeafKey(part, LeafOf(e.Entry)) is not null)) return new([], []);
        var reader = await PackReader.OpenAsync(stores.Primary, PackNames.Of(part, pack), default);
        var records = new List<IndexEntry>();
        var deliveries = new List<DeliveryEntry>();
        foreach (var (entry, logIndex) in entries)
        {
            if (lease.Ended) throw new LeaseEndedException();
            if (lease.LeafKey(part, LeafOf(entry)) is null) continue;
            var message = await reader.ReadMessageAsync(entry.PackRecord, default);
            await threads.Ingest.RunAsync(() => Add(entry, logIndex, pack, message, lease, part, records, deliveries));
        }
        return new(records, deliveries);
    }

    private static void Add(
        LogEntry entry, ulong logIndex, Guid pack, byte[] message, HeldLease lease, RetentionPart part,
        List<IndexEntry> records, List<DeliveryEntry> deliveries)
    {
        var payload = SealedMessage.Open(LeafKey(lease, part, entry).Span, message, out var header);
        var place = new RecordPlace(pack, entry.PackRecord, entry.Leaf.Leaf, header.TreeGeneration);
        Add(header, payload, place, logIndex, lease, part, records, deliveries);
    }

    /// <summary>What the index holds of an opened message or delivery. Throws <see cref="LeaseEndedException"/>.</summary>
    internal static void Add(
        AmaHeader header, ReadOnlyMemory<byte> payload, RecordPlace place, ulong logIndex, HeldLease lease,
        RetentionPart part, List<IndexEntry> records, List<DeliveryEntry> deliveries)
    {
        var (preamble, raw) = MessagePayload.Decode(header, payload);
        var delivery = IndexDocuments.Delivery(preamble.Delivery, place, preamble.Envelope);
        if (header.IsDeliveryOnly)
        {
            deliveries.Add(new(header.Id, delivery));
            return;
        }
        var tagKey = lease.Find(LeasedKeyKind.Idk, part)?.Key ?? throw new LeaseEndedException();
        records.Add(IndexDocuments.Record(
            new(header.Id, logIndex), RecordTags.Dedupe(tagKey, raw.Span), delivery, raw.Length, MailParser.Parse(raw)));
    }

    private static TreeLeaf LeafOf(LogEntry entry) => new(entry.Leaf.TreeGeneration, entry.Leaf.Leaf);

    private static Secret LeafKey(HeldLease lease, RetentionPart part, LogEntry entry) =>
        lease.LeafKey(part, LeafOf(entry)) ?? throw new LeaseEndedException();

    private static IndexBatch Join(IndexBatch a, IndexBatch b) =>
        a with { Entries = [.. a.Entries, .. b.Entries], Deliveries = [.. a.Deliveries, .. b.Deliveries] };
}
