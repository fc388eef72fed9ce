using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Archive;

/// <summary>
/// One mailbox's way into the archive. Key: "{tenant}/{mailbox}/{partition}". Gets references to spool records,
/// never bytes; doing a reference twice has the effect of doing it once.
/// </summary>
[Alias("ama.archive.ingest")]
public interface IMailboxIngestGrain : IGrainWithStringKey
{
    /// <summary>
    /// Returns when every record is committed, with the log batch that holds each. Throws
    /// <see cref="ArchiveException"/>: Locked (no lease now) or Unavailable; then none or some are committed.
    /// </summary>
    [Alias("ingest"), ResponseTimeout("00:05:00")] Task<ulong[]> Ingest(RecordRef[] records);
}

/// <summary>A record of a spool segment.</summary>
[GenerateSerializer, Immutable, Alias("ama.archive.record-ref")]
public readonly record struct RecordRef([property: Id(0)] Guid Segment, [property: Id(1)] uint RecNo);

/// <summary>
/// A tenant's archive: the only writer of its log, owner of its lease. Key: tenant id. The commit is the put-if-absent
/// of the next log batch; everything before it may be lost and done again.
/// </summary>
[Alias("ama.archive.archive")]
public interface IArchiveGrain : IGrainWithStringKey
{
    /// <summary>Sees to a live ingest lease of the part in this silo, or throws Locked.</summary>
    [Alias("open"), ResponseTimeout("00:05:00")] Task Open(ushort retentionClass, uint epoch);

    /// <summary>Decides for each delivery of one retention part: done before, a new record, or one more delivery.</summary>
    [Alias("reserve"), ResponseTimeout("00:05:00")] Task<Reservation[]> Reserve(ReserveRequest request);

    /// <summary>Commits what was reserved and sealed. Null: reserve again, something changed.</summary>
    [Alias("commit"), ResponseTimeout("00:05:00")] Task<CommittedBatch?> Commit(CommitRequest request);

    /// <summary>What is committed, and what of it is in Backup too.</summary>
    [Alias("positions"), AlwaysInterleave] Task<ArchivePositions> Positions();

    /// <summary>These segments are done for good: their delivery ids need not be remembered.</summary>
    [Alias("forget"), AlwaysInterleave] Task Forget(Guid[] segments);

    /// <summary>Counters need no key; they are told while the archive is locked too.</summary>
    [Alias("status"), AlwaysInterleave] Task<TenantStatus> Status();

    /// <summary>What came from each source, from the log.</summary>
    [Alias("sources"), AlwaysInterleave] Task<SourceTally[]> Sources();

    /// <summary>Retention parts that hold records, newest first.</summary>
    [Alias("parts"), AlwaysInterleave] Task<PartView[]> Parts();

    /// <summary>After a start: brings Backup and indexes level with the log, where a crash left them behind.</summary>
    [Alias("recover"), ResponseTimeout("00:05:00")] Task Recover();

    /// <summary>
    /// Commits that these leaves are to be erased. From that batch on their records match no delivery any more.
    /// </summary>
    [Alias("erase"), ResponseTimeout("00:05:00")] Task Erase(ErasedLeaf[] leaves);

    /// <summary>No search finds these records of the part any more, also after a crash.</summary>
    [Alias("erase-from-index"), ResponseTimeout("00:05:00")]
    Task EraseFromIndex(ushort retentionClass, uint epoch, Guid[] records);

    /// <summary>Looks for orders to erase and re-seal jobs now, instead of some minutes later.</summary>
    [Alias("look-for-erasures"), AlwaysInterleave] Task LookForErasures();

    /// <summary>Those of the records of which the log says that they are to be erased.</summary>
    [Alias("erased-of"), AlwaysInterleave] Task<Guid[]> ErasedOf(Guid[] records);

    /// <summary>From now on nothing of the part is committed under a key tree older than this generation.</summary>
    [Alias("retire"), ResponseTimeout("00:05:00")] Task Retire(ushort retentionClass, uint epoch, uint generation);

    /// <summary>
    /// Commits what was sealed anew, and the holds that move along. Null: one of the records is to be erased, and
    /// nothing was committed. Throws <see cref="ArchiveException"/> (Unavailable) when somebody else has sealed of the
    /// part meanwhile: maybe the same leaves; read the log again.
    /// </summary>
    [Alias("reseal"), ResponseTimeout("00:05:00")] Task<CommittedBatch?> Reseal(ResealRequest request);

    /// <summary>
    /// Commits that nothing of the part lies under this key tree any more; the number of that batch. Once said, it is
    /// not said again.
    /// </summary>
    [Alias("end-tree"), ResponseTimeout("00:05:00")] Task<ulong> EndTree(ushort retentionClass, uint epoch, uint generation);

    /// <summary>Commits that these leaves are held, or (false) held no more.</summary>
    [Alias("hold"), ResponseTimeout("00:05:00")] Task Hold(ErasedLeaf[] leaves, bool on);

    /// <summary>
    /// Commits that the part has ended, but for what is held; the number of that batch. Once said, it is not said again.
    /// </summary>
    [Alias("end-part"), ResponseTimeout("00:05:00")] Task<ulong> EndPart(ushort retentionClass, uint epoch);

    /// <summary>
    /// After the end of a part: its index finds what is held, and nothing else; without anything held it is deleted.
    /// </summary>
    /// <param name="isOpen">A lease opens it; without one it has been done before.</param>
    [Alias("keep-held"), ResponseTimeout("01:00:00")]
    Task KeepHeldInIndex(ushort retentionClass, uint epoch, bool isOpen);

    /// <summary>
    /// Where mail of this part goes: there, or, when it has ended while the mail was waiting, into the newest part, which
    /// keeps it longer.
    /// </summary>
    [Alias("part-for"), AlwaysInterleave] Task<uint> PartFor(ushort retentionClass, uint epoch);

    /// <summary>
    /// The part's index holds durably all that is committed; needs a lease with its key. Runs beside other calls.
    /// </summary>
    [Alias("level-index"), AlwaysInterleave, ResponseTimeout("01:00:00")]
    Task LevelIndex(ushort retentionClass, uint epoch);

    /// <summary>Copies to Backup what is not there yet; what is there then.</summary>
    [Alias("back-up"), AlwaysInterleave, ResponseTimeout("01:00:00")] Task<ArchivePositions> BackUp();

    /// <summary>Where deliveries are committed, while their segments aren't marked as done.</summary>
    [Alias("find-deliveries"), AlwaysInterleave] Task<DeliveryPlaces> FindDeliveries(RecordRef[] deliveries);

    /// <summary>Those of a part's records that are to be erased, or whose part has ended while nobody held them.</summary>
    [Alias("gone-of"), AlwaysInterleave] Task<Guid[]> GoneOf(ushort retentionClass, uint epoch, Guid[] records);

    /// <summary>Days of acceptance with what the log has of them, oldest first.</summary>
    [Alias("days"), AlwaysInterleave] Task<DaysView> Days(DateOnly? one);
}

/// <summary>A leaf of a key tree that a record, or a further delivery of it, lies under.</summary>
[GenerateSerializer, Immutable, Alias("ama.archive.erased-leaf")]
public readonly record struct ErasedLeaf(
    [property: Id(0)] Guid Record, [property: Id(1)] ushort Class, [property: Id(2)] uint Epoch,
    [property: Id(3)] ushort Generation, [property: Id(4)] uint Leaf);

/// <param name="Tags">The dedupe tag of each delivery, 32 B (docs/formats/AMA1.md).</param>
[GenerateSerializer, Immutable, Alias("ama.archive.reserve-request")]
public sealed record ReserveRequest(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] RecordRef[] Deliveries,
    [property: Id(3)] byte[][] Tags);

public enum ReservationKind
{
    /// <summary>The log holds this delivery already.</summary>
    Done,
    NewRecord,
    /// <summary>The same bytes live in the archive: seal the delivery only.</summary>
    FurtherDelivery,
}

[GenerateSerializer, Immutable, Alias("ama.archive.reservation")]
public readonly record struct Reservation(
    [property: Id(0)] ReservationKind Kind, [property: Id(1)] Guid Record, [property: Id(2)] uint Leaf,
    [property: Id(3)] ulong Batch);

[GenerateSerializer, Immutable, Alias("ama.archive.commit-request")]
public sealed record CommitRequest(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] Guid Pack,
    [property: Id(3)] CommitItem[] Items);

/// <param name="Source">The tenant's source that it came from; empty: none was named.</param>
/// <param name="MessageBytes">As received.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.commit-item")]
public sealed record CommitItem(
    [property: Id(0)] RecordRef Delivery, [property: Id(1)] ReservationKind Kind, [property: Id(2)] Guid Record,
    [property: Id(3)] uint Leaf, [property: Id(4)] int PackRecord, [property: Id(5)] byte[] ContainerSha256,
    [property: Id(6)] byte[] ContentCommit, [property: Id(7)] Guid Source, [property: Id(8)] long MessageBytes,
    [property: Id(9)] DateTimeOffset AcceptedAt);

/// <param name="FirstLeafIndex">Index in the log of the batch's first leaf; the items follow in order.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.committed")]
public readonly record struct CommittedBatch([property: Id(0)] ulong Number, [property: Id(1)] ulong FirstLeafIndex);

/// <summary>A live record that a dedupe tag belongs to, and the index of its leaf in the log.</summary>
[GenerateSerializer, Immutable, Alias("ama.archive.tagged")]
public readonly record struct TaggedView([property: Id(0)] Guid Record, [property: Id(1)] ulong LogIndex);

[GenerateSerializer, Immutable, Alias("ama.archive.positions")]
public readonly record struct ArchivePositions([property: Id(0)] ulong Committed, [property: Id(1)] ulong BackedUp);

[GenerateSerializer, Immutable, Alias("ama.archive.tenant-status")]
public sealed record TenantStatus(
    [property: Id(0)] long Archived, [property: Id(1)] long Duplicates, [property: Id(2)] long Indexed,
    [property: Id(3)] string LeaseState, [property: Id(4)] DateTimeOffset? LeaseExpiresAt);

/// <param name="Source">Empty: deliveries for which none was named, and sources of long ago.</param>
/// <param name="LastSeen">The newest time of acceptance.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.source-tally")]
public readonly record struct SourceTally(
    [property: Id(0)] Guid Source, [property: Id(1)] long Archived, [property: Id(2)] long Duplicates,
    [property: Id(3)] long MessageBytes, [property: Id(4)] DateTimeOffset LastSeen);

/// <param name="MustHoldBelow">The part's index must not answer before it holds every batch below.</param>
/// <param name="Deliveries">Further deliveries of the records.</param>
/// <param name="FirstBatch">The log batch that first wrote to the part.</param>
/// <param name="IsOver">The part has ended: what is left is held.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.part")]
public readonly record struct PartView(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] long Records,
    [property: Id(3)] ulong MustHoldBelow, [property: Id(4)] long Deliveries, [property: Id(5)] ulong FirstBatch,
    [property: Id(6)] bool IsOver);

/// <summary>The Lucene index of one retention part. Key: "{tenant}/{class}/{epoch}". Derived from the log.</summary>
[Alias("ama.archive.index")]
public interface IIndexGrain : IGrainWithStringKey
{
    /// <summary>Takes a committed batch with one pack in: from this silo's feed, or else from log and pack.</summary>
    [Alias("apply"), ResponseTimeout("00:05:00")] Task Apply(ulong batch, Guid pack, ulong firstLeafIndex);

    /// <summary>Takes in every batch from <paramref name="firstBatch"/> on, below <paramref name="belowBatch"/>, that is missing.</summary>
    [Alias("catch-up"), ResponseTimeout("00:05:00")] Task CatchUp(ulong firstBatch, ulong belowBatch);

    /// <summary>Live records by dedupe tag; null where there is none.</summary>
    [Alias("find-tags"), AlwaysInterleave] Task<TaggedView?[]> FindTags(byte[][] tags);

    /// <summary>Makes everything taken in durable; all batches from the first to the returned one are in.</summary>
    [Alias("save"), ResponseTimeout("00:05:00")] Task<IndexPosition> Save();

    [Alias("count"), AlwaysInterleave] Task<long> Count();

    [Alias("search"), AlwaysInterleave] Task<IndexPage> Search(IndexQuery query);

    /// <summary>Where a record and its further deliveries lie; null when not there or not visible.</summary>
    [Alias("find"), AlwaysInterleave] Task<RecordPlaces?> Find(Guid record, string[]? visibleTo, ulong mustHoldBelow);

    /// <summary>Of each record what a list shows; null where there is none. For an auditor's eyes.</summary>
    [Alias("heads"), AlwaysInterleave] Task<MessageItem?[]> Heads(Guid[] records, ulong mustHoldBelow);

    /// <summary>Takes records and their deliveries out, durably.</summary>
    [Alias("erase"), ResponseTimeout("00:05:00")] Task Erase(Guid[] records);

    /// <summary>Every file lies under key <paramref name="version"/> when it answers true; false: try again later.</summary>
    [Alias("rewrite"), ResponseTimeout("01:00:00")] Task<bool> Rewrite(ulong version);

    /// <summary>Takes everything out but these records and their deliveries, durably.</summary>
    [Alias("keep-only"), ResponseTimeout("01:00:00")] Task KeepOnly(Guid[] records);

    /// <summary>The index is no more, on this machine's disk either. Needs no key.</summary>
    [Alias("delete")] Task Delete();

    [Alias("close")] Task Close();
}

/// <param name="Below">Every batch below it survives a crash.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.index-position")]
public readonly record struct IndexPosition([property: Id(0)] ulong Below, [property: Id(1)] long Records);

/// <param name="VisibleTo">Own addresses of a user; null for an auditor.</param>
/// <param name="MustHoldBelow">An index that lacks a batch below refuses to answer.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.index-query")]
public sealed record IndexQuery(
    [property: Id(0)] string Text, [property: Id(1)] string[]? VisibleTo, [property: Id(2)] int Limit,
    [property: Id(3)] string? After, [property: Id(4)] ulong MustHoldBelow);

/// <param name="Cursors">The place just behind each item: pages of several indexes are merged by it.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.index-page")]
public sealed record IndexPage(
    [property: Id(0)] MessageItem[] Items, [property: Id(1)] string[] Cursors, [property: Id(2)] long Total,
    [property: Id(3)] bool HasMore);

[GenerateSerializer, Immutable, Alias("ama.archive.places")]
public sealed record RecordPlaces(
    [property: Id(0)] MessageItem Item, [property: Id(1)] ushort Class, [property: Id(2)] uint Epoch,
    [property: Id(3)] SealedPlace Record, [property: Id(4)] SealedPlace[] Deliveries, [property: Id(5)] uint Flags);

[GenerateSerializer, Immutable, Alias("ama.archive.sealed-place")]
public readonly record struct SealedPlace(
    [property: Id(0)] Guid Pack, [property: Id(1)] int PackRecord, [property: Id(2)] uint Leaf,
    [property: Id(3)] uint TreeGeneration);

/// <summary>Seals and packs. Key: tenant id. One of several workers of the caller's own silo.</summary>
[Alias("ama.archive.storage")]
public interface IStorageGrain : IGrainWithStringKey
{
    /// <summary>Seals what waits in this silo under the ticket, checks it, and puts the pack into the primary store.</summary>
    [Alias("store"), ResponseTimeout("00:05:00")] Task<StoredPack> Store(Guid ticket);
}

[GenerateSerializer, Immutable, Alias("ama.archive.stored-pack")]
public sealed record StoredPack([property: Id(0)] Guid Pack, [property: Id(1)] StoredItem[] Items);

/// <param name="ContainerSha256">Of the whole AMA1.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.stored-item")]
public readonly record struct StoredItem(
    [property: Id(0)] int PackRecord, [property: Id(1)] byte[] ContainerSha256, [property: Id(2)] byte[] ContentCommit);
