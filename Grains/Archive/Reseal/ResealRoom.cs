using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Threads;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using AMA.Search.Documents;

namespace AMA.Grains.Archive.Reseal;

/// <summary>A leaf of the old tree, and where its bytes lie.</summary>
public sealed record OldMessage(OldLeaf Leaf, PackReader Pack)
{
    public long Bytes => Pack.Records[Leaf.PackRecord].MessageLength;
}

/// <summary>What was sealed anew: in a pack in the primary store, not committed.</summary>
/// <param name="Documents">As <see cref="IndexBatch"/> has them: log indexes from 0 on.</param>
public sealed record ResealedPack(Guid Pack, ResealItem[] Items, IndexBatch Documents);

/// <summary>
/// Opens messages under the old tree and seals the same payload under the fresh one. Everything is opened again from the
/// new bytes and compared before anything relies on it.
/// </summary>
public sealed class ResealRoom(StorePair stores, SiloThreads threads, IRandom random, TimeProvider time)
{
    /// <summary>
    /// Of those whose keys the lease gave; null: of none, all were erased. Throws <see cref="SealException"/> when a
    /// pack is damaged, and <see cref="LeaseEndedException"/>.
    /// </summary>
    public async Task<ResealedPack?> SealAsync(
        RetentionPart part, ResealTrees trees, IReadOnlyList<OldMessage> messages, HeldLease lease)
    {
        var living = messages.Where(message => KeyOf(lease, part, trees, message) is not null).ToArray();
        if (living.Length == 0) return null;
        using var fresh = FreshLeaves.Of(lease, part);
        var sealedAnew = new SealedAnew[living.Length];
        for (var i = 0; i < living.Length; i++)
        {
            var (header, payload) = await OpenAsync(part, trees, living[i], lease);
            using var key = fresh.Key(i);
            var next = header with { Leaf = fresh.Leaf(i), TreeGeneration = trees.Fresh, SealedAt = Now };
            sealedAnew[i] = await threads.Ingest.RunAsync(() => Seal(part, next, payload, key, lease));
        }
        var pack = random.NextId();
        await PutAsync(part, pack, sealedAnew, lease);
        return new(pack, Items(living, fresh, sealedAnew), Documents(sealedAnew, pack));
    }

    /// <summary>What was sealed for nothing: the fresh leaves it lies under are erased as unused.</summary>
    public ValueTask DiscardAsync(RetentionPart part, Guid pack) =>
        stores.Primary.DeleteAsync(PackNames.Of(part, pack), default);

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static Secret? KeyOf(HeldLease lease, RetentionPart part, ResealTrees trees, OldMessage message) =>
        lease.LeafKey(part, new(trees.Old, message.Leaf.Leaf));

    private async Task<(AmaHeader Header, byte[] Payload)> OpenAsync(
        RetentionPart part, ResealTrees trees, OldMessage message, HeldLease lease)
    {
        var key = KeyOf(lease, part, trees, message) ?? throw new LeaseEndedException();
        if (message.Bytes <= PackLimits.MessageInMemoryBytesMax)
        {
            var bytes = await message.Pack.ReadMessageAsync(message.Leaf.PackRecord, default);
            return await threads.Ingest.RunAsync(() =>
            {
                var opened = SealedMessage.Open(key.Span, bytes, out var header);
                return (header, opened);
            });
        }
        var packed = await message.Pack.OpenMessageAsync(message.Leaf.PackRecord, default);
        await using var body = SealedMessage.OpenBody(key.Span, packed.Header, packed.Body);
        var payload = new MemoryStream(checked((int)message.Bytes));
        await body.CopyToAsync(payload);
        return (packed.Header, payload.ToArray());
    }

    private SealedAnew Seal(
        RetentionPart part, AmaHeader header, byte[] payload, Secret key, HeldLease lease)
    {
        var message = SealedMessage.Seal(key.Span, header, payload, random);
        if (!SealedMessage.Open(key.Span, message, out _).AsSpan().SequenceEqual(payload))
            throw new CryptographicException("a message sealed anew does not come back as it was");
        var (records, deliveries) = (new List<IndexEntry>(), new List<DeliveryEntry>());
        var place = new RecordPlace(default, 0, header.Leaf, header.TreeGeneration);
        PackedBatches.Add(header, payload, place, 0, lease, part, records, deliveries);
        return new(message, SHA256.HashData(message), records, deliveries);
    }

    /// <summary>Nothing goes out once the lease has ended, however far it got.</summary>
    private async Task PutAsync(RetentionPart part, Guid pack, SealedAnew[] messages, HeldLease lease)
    {
        var first = AmaHeader.Read(messages[0].Message);
        var header = new PackHeader(pack, first.Region, part, first.PolicyHash, first.TreeGeneration);
        var bytes = PackWriter.Build(header, [.. messages.Select(message => message.Message)], out _);
        lease.Check();
        await using var writer = await stores.Primary.CreateAsync(PackNames.Of(part, pack), default);
        await writer.WriteAsync(bytes, default);
        lease.Check();
        if (!(await writer.CommitAsync(default)).Done)
            throw new ArchiveException(ArchiveRefusal.Unavailable, "a pack of that name is there already");
    }

    private static ResealItem[] Items(OldMessage[] living, FreshLeaves fresh, SealedAnew[] sealedAnew) =>
    [
        .. living.Select((message, i) => new ResealItem(
            message.Leaf.Record, message.Leaf.Index, message.Leaf.Leaf, fresh.Leaf(i), i, sealedAnew[i].Sha256,
            message.Leaf.ContentCommit)),
    ];

    private static IndexBatch Documents(SealedAnew[] messages, Guid pack)
    {
        var (records, deliveries) = (new List<IndexEntry>(), new List<DeliveryEntry>());
        foreach (var (i, message) in messages.Index())
        {
            records.AddRange(message.Records.Select(entry => entry with
            {
                LogIndex = (ulong)i, First = At(entry.First, pack, i),
            }));
            deliveries.AddRange(message.Deliveries.Select(entry => entry with { Delivery = At(entry.Delivery, pack, i) }));
        }
        return new(records, deliveries) { IsResealed = true };
    }

    private static IndexedDelivery At(IndexedDelivery delivery, Guid pack, int number) =>
        delivery with { Place = delivery.Place with { Pack = pack, Number = number } };

    private sealed record SealedAnew(
        byte[] Message, byte[] Sha256, List<IndexEntry> Records, List<DeliveryEntry> Deliveries);
}

/// <summary>The leaves of the fresh tree that a lease brought, from the first on.</summary>
internal sealed class FreshLeaves : IDisposable
{
    private readonly KeyTree _tree;
    private readonly uint _first;

    private FreshLeaves(KeyTree tree, uint first) => (_tree, _first) = (tree, first);

    public static FreshLeaves Of(HeldLease lease, RetentionPart part)
    {
        var subtree = lease.Find(LeasedKeyKind.Subtree, part) ?? throw new LeaseEndedException();
        return new(KeyTree.FromNodes([new(subtree.FirstLeaf, subtree.Depth, subtree.Key)]), subtree.FirstLeaf);
    }

    public uint Leaf(int number) => _first + (uint)number;

    /// <summary>For the caller to dispose of.</summary>
    public Secret Key(int number) => _tree.TryLeaf(Leaf(number), out var key)
        ? key
        : throw new InvalidOperationException("the leased subtree has no such leaf");

    public void Dispose() => _tree.Dispose();
}
