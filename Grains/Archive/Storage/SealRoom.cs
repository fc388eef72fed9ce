using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Ingest;

namespace AMA.Grains.Archive.Storage;

/// <summary>Seals one message and proves from the sealed bytes that it comes back.</summary>
public sealed class SealRoom(Region region, IRandom random, TimeProvider time)
{
    public Guid NewPackId() => random.NextId();

    public PackHeader PackHeader(StoreWork work, Guid pack) =>
        new(pack, region, work.Part, RetentionPolicy.Default.Hash, work.Lease.TreeGeneration);

    public SealedItem Seal(StoreWork work, IngestItem item)
    {
        var preamble = new Preamble(
            random.NextBytes(Preamble.OpeningBytes), item.RawSha256, item.Raw.Length, item.Envelope, item.Delivery,
            LinkTag: null, (uint)item.Mail.Flags);
        var payload = item.IsNewRecord
            ? MessagePayload.Encode(preamble, item.Raw.Span, out var compression)
            : MessagePayload.EncodeDelivery(preamble, out compression);
        using var key = work.Lease.LeafKey(item.Reservation.Leaf);
        var message = SealedMessage.Seal(key.Span, Header(work, item, compression), payload, random);
        Prove(key.Span, message, item);
        return new(message, SHA256.HashData(message), MessagePayload.ContentCommit(preamble.Opening, item.RawSha256));
    }

    /// <summary>What is opened from the bytes to be written is what came: a fault of memory or code stops here.</summary>
    private static void Prove(ReadOnlySpan<byte> key, byte[] message, IngestItem item)
    {
        var payload = SealedMessage.Open(key, message, out var header);
        var (preamble, raw) = MessagePayload.Decode(header, payload);
        var same = preamble.RawSha256.AsSpan().SequenceEqual(item.RawSha256)
            && (header.IsDeliveryOnly || raw.Length == item.Raw.Length);
        if (!same) throw new CryptographicException("a sealed message does not come back as it was");
    }

    private AmaHeader Header(StoreWork work, IngestItem item, byte compression) => new(
        compression, item.IsNewRecord ? (byte)0 : AmaFlags.DeliveryOnly, region, work.Part,
        new(item.Reservation.Record), item.Reservation.Leaf,
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        RetentionPolicy.Default.Hash, work.Lease.TreeGeneration);
}
