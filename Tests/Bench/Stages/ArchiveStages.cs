using System.Security.Cryptography;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Index;
using AMA.Mail;
using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Sealed;

namespace AMA.Tests.Bench.Stages;

/// <summary>From the opened spool record to the index, in batches, as the archive grains do it.</summary>
public sealed class ArchiveStages : IDisposable
{
    private const int SubtreeLeavesLog2 = 20;

    private readonly StageClock _clock;
    private readonly DateTimeOffset _now;
    private readonly RetentionPart _part;
    private readonly FileBlobStore _primary;
    private readonly FileBlobStore _backup;
    private readonly KeyTree _tree;
    private readonly Secret _tagKey = Secret.Random(SystemRandom.Instance);
    private readonly Secret _indexKey = Secret.Random(SystemRandom.Instance);
    private readonly MailIndex _index;
    private ulong _batch;
    private ulong _firstLeafIndex;
    private uint _leaf;
    private byte[] _previous = LogLeaf.NoHash;
    private AppliedBatches _applied = AppliedBatches.None;

    public ArchiveStages(StageClock clock, string folder, TenantId tenant, TimeProvider time)
    {
        (_clock, _now) = (clock, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
        _part = RetentionPart.At(tenant, _now);
        var files = new DurableFiles();
        _primary = new(Path.Combine(folder, "primary"), files);
        _backup = new(Path.Combine(folder, "backup"), files);
        using var whole = KeyTree.Create(SystemRandom.Instance);
        _tree = KeyTree.FromNodes([whole.Subtree(0, SubtreeLeavesLog2)]);
        _index = MailIndex.Open(
            new(Path.Combine(folder, "index"), SystemRandom.Instance.NextId()), new(1, _ => _indexKey),
            new(files, SystemRandom.Instance, new ChunkCache(ChunkCache.DefaultBytesMax), time), new());
    }

    public void Run(IReadOnlyList<SpooledMessage> batch)
    {
        var parsed = _clock.Time("parse", () => batch.Select(m => MailParser.Parse(m.Raw)).ToArray());
        var tags = _clock.Time("dedupe tag, look-up", () => Tags(batch));
        var works = batch.Select(m => new SealWork(m, new(SystemRandom.Instance.NextId()), _leaf++)).ToArray();
        var payloads = _clock.Time("compress", () => Array.ConvertAll(works, Compress));
        var messages = _clock.Time("seal", () => works.Zip(payloads, Seal).ToArray());
        var hashes = _clock.Time("open again, compare, hash", () => works.Zip(messages, Prove).ToArray());
        var pack = SystemRandom.Instance.NextId();
        var bytes = _clock.Time("pack", () => PackWriter.Build(Header(pack), messages, out _));
        _clock.Time("pack: write to primary and Backup", () => Write(PackNames.Of(_part, pack), bytes));
        var log = _clock.Time("log batch, forget leaves", () => Commit(works, hashes, pack));
        _clock.Time("log: write to primary and Backup", () => Write(LogNames.Of(_part.Tenant, _batch), log));
        _clock.Time("index: add", () => Index(works, parsed, tags, pack));
        _clock.Time("index: make findable", _index.Refresh);
    }

    /// <summary>What is done every few seconds and at the end.</summary>
    public void Save() => _clock.Time("index: save", () => _index.Commit(_applied));

    public void Dispose()
    {
        _index.Dispose();
        _tree.Dispose();
        _tagKey.Dispose();
        _indexKey.Dispose();
        _primary.Dispose();
        _backup.Dispose();
    }

    private byte[][] Tags(IReadOnlyList<SpooledMessage> batch)
    {
        var tags = batch.Select(m => RecordTags.Dedupe(_tagKey, m.Raw.Span)).ToArray();
        _index.FindByTags(Array.ConvertAll(tags, t => (ReadOnlyMemory<byte>)t));
        return tags;
    }

    private static (Preamble Preamble, byte[] Payload, byte Compression) Compress(SealWork work)
    {
        var message = work.Message;
        var preamble = new Preamble(
            SystemRandom.Instance.NextBytes(Preamble.OpeningBytes), message.Sha256, message.Raw.Length,
            message.Envelope, message.Delivery, LinkTag: null, Flags: 0);
        var payload = MessagePayload.Encode(preamble, message.Raw.Span, out var compression);
        return (preamble, payload, compression);
    }

    private byte[] Seal(SealWork work, (Preamble Preamble, byte[] Payload, byte Compression) made)
    {
        var header = new AmaHeader(
            made.Compression, 0, Region.Eu, _part, work.Record, work.Leaf, _now, RetentionPolicy.Default.Hash, 0);
        using var key = LeafKey(work.Leaf);
        return SealedMessage.Seal(key.Span, header, made.Payload, SystemRandom.Instance);
    }

    private (byte[] Container, byte[] Commit) Prove(SealWork work, byte[] message)
    {
        using var key = LeafKey(work.Leaf);
        var payload = SealedMessage.Open(key.Span, message, out var header);
        var (preamble, raw) = MessagePayload.Decode(header, payload);
        if (!raw.Span.SequenceEqual(work.Message.Raw.Span)) throw new InvalidOperationException("not what was sealed");
        return (SHA256.HashData(message), MessagePayload.ContentCommit(preamble.Opening, work.Message.Sha256));
    }

    private Secret LeafKey(uint leaf) =>
        _tree.TryLeaf(leaf, out var key) ? key : throw new InvalidOperationException("more messages than leaves");

    private PackHeader Header(Guid pack) => new(pack, Region.Eu, _part, RetentionPolicy.Default.Hash, 0);

    private byte[] Commit(SealWork[] works, (byte[] Container, byte[] Commit)[] hashes, Guid pack)
    {
        var entries = works.Select((work, i) => new LogEntry(
            new(LeafType.Archived, Region.Eu, _part.Epoch, _now, _part.Tenant, work.Record, work.Leaf, _part.Class,
                0, 0, hashes[i].Container, hashes[i].Commit, LogLeaf.NoHash),
            work.Message.Delivery, pack, i)).ToArray();
        var batch = new LogBatch(++_batch, _previous, 1, pack, _firstLeafIndex, entries);
        foreach (var work in works) _tree.Puncture(work.Leaf);
        _previous = batch.Hash;
        _firstLeafIndex = batch.NextLeafIndex;
        return batch.Encode();
    }

    private void Index(SealWork[] works, ParsedMail[] parsed, byte[][] tags, Guid pack)
    {
        foreach (var (i, work) in works.Index())
        {
            var place = new RecordPlace(pack, i, work.Leaf, 0);
            var delivery = IndexDocuments.Delivery(work.Message.Delivery, place, work.Message.Envelope);
            _index.Add(IndexDocuments.Record(
                new(work.Record, _firstLeafIndex), tags[i], delivery, work.Message.Raw.Length, parsed[i]));
        }
        _applied = _applied.With(_batch);
    }

    private void Write(string name, byte[] bytes)
    {
        _primary.PutIfAbsentAsync(name, bytes, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _backup.PutIfAbsentAsync(name, bytes, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private sealed record SealWork(SpooledMessage Message, RecordId Record, uint Leaf);
}
