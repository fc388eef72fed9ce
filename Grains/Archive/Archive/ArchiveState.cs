using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Archive;

/// <summary>
/// What the writer of a tenant's log knows, all of it derived from the log. Pure: batches in, answers out. A snapshot
/// saves reading the log from its beginning; losing it costs time, nothing else.
/// </summary>
public sealed class ArchiveState
{
    private readonly Dictionary<RetentionPart, PartCount> _parts = [];
    private readonly Dictionary<DeliveryId, ulong> _done = [];
    private readonly Dictionary<RetentionPart, ulong> _loadedBelow = [];
    private readonly HashSet<Guid> _erased = [];
    private readonly Dictionary<RetentionPart, DateTimeOffset> _erasedAt = [];
    private readonly SourceCounts _sources = new();
    private readonly Dictionary<(RetentionPart Part, uint Generation), EndedTree> _ended = [];
    private readonly Dictionary<HeldLeaf, Guid> _held = [];
    private readonly DayCounts _days = new();

    /// <summary>The number the next batch will have.</summary>
    public ulong NextBatch { get; private set; } = 1;

    public long Archived { get; private set; }
    public long Duplicates { get; private set; }

    /// <summary>Every batch below it is in Backup, with its packs.</summary>
    public ulong BackedUpBelow { get; set; } = 1;

    public IReadOnlyDictionary<RetentionPart, PartCount> Parts => _parts;

    /// <summary>What came from each source; sums of the log's tallies.</summary>
    public IReadOnlyDictionary<Guid, SourceCount> Sources => _sources.All;

    /// <summary>The deliveries in the log by the day of their acceptance.</summary>
    public DayCounts Days => _days;

    /// <summary>The batch that holds a delivery, for deliveries whose segment isn't done yet.</summary>
    public bool TryFindDone(DeliveryId delivery, out ulong batch) => _done.TryGetValue(delivery, out batch);

    /// <summary>The log says it is to be erased: no delivery is a copy of it any more.</summary>
    public bool IsErased(Guid record) => _erased.Contains(record);

    /// <summary>Parts of which something was erased, and when last.</summary>
    public IReadOnlyDictionary<RetentionPart, DateTimeOffset> ErasedAt => _erasedAt;

    /// <summary>Under a legal hold, as far as the log says.</summary>
    public bool IsHeld(HeldLeaf leaf) => _held.ContainsKey(leaf);

    /// <summary>Records of the part under a legal hold.</summary>
    public Guid[] HeldOf(RetentionPart part) =>
        [.. _held.Where(held => held.Key.Part == part).Select(held => held.Value).Distinct()];

    /// <summary>The part has ended: nothing is written to it, and nothing lives in it but what is held.</summary>
    public bool IsOver(RetentionPart part) => _ended.ContainsKey((part, EndedTree.WholePart));

    /// <summary>Key trees of which the log says that nothing lies under them any more.</summary>
    public IReadOnlyCollection<EndedTree> EndedTrees => _ended.Values;

    /// <summary>The tree has ended; null: it lives.</summary>
    public EndedTree? Ended(RetentionPart part, uint generation) =>
        _ended.GetValueOrDefault((part, generation)) ?? _ended.GetValueOrDefault((part, EndedTree.WholePart));

    /// <summary>The packs of an ended tree were deleted.</summary>
    public void Swept(EndedTree tree) => _ended[(tree.Part, tree.Generation)] = tree with { IsSwept = true };

    /// <summary>Takes in the next committed batch.</summary>
    public void Apply(LogBatch batch)
    {
        NextBatch = batch.Number + 1;
        foreach (var tally in batch.Tallies) _sources.Add(tally);
        _days.Add(batch);
        foreach (var entry in batch.Entries)
        {
            if (entry.Delivery is { } delivery) _done[delivery] = batch.Number;
            if (entry.Leaf.Type is LeafType.Archived) Archived++;
            if (entry.Leaf.Type is LeafType.Delivery) Duplicates++;
            if (entry.Leaf.Type is LeafType.Archived or LeafType.Delivery or LeafType.Resealed) Count(entry.Leaf, batch.Number);
            if (entry.Leaf.Type is LeafType.EpochDestroyed) End(entry.Leaf, batch.Number);
            if (entry.Leaf.Type is LeafType.Hold) _held[HeldLeaf.Of(entry.Leaf)] = entry.Leaf.Record.Value;
            if (entry.Leaf.Type is LeafType.HoldOff) LetGo(entry.Leaf);
            if (entry.Leaf is { Type: LeafType.Punctured, Record.Value: var record } && record != Guid.Empty)
                Erase(record, entry.Leaf);
        }
    }

    private void End(LogLeaf leaf, ulong batch)
    {
        var part = new RetentionPart(leaf.Tenant, leaf.Class, leaf.Epoch);
        var generation = leaf.IsWholePart ? EndedTree.WholePart : leaf.TreeGeneration;
        _ended.TryAdd((part, generation), new(part, generation, batch, leaf.Time, IsSwept: false));
        _erasedAt[part] = leaf.Time; // Control turns the index key
    }

    /// <summary>Of a part that has ended, the packs are looked through once more.</summary>
    private void LetGo(LogLeaf leaf)
    {
        var held = HeldLeaf.Of(leaf);
        if (!_held.Remove(held) || !_ended.TryGetValue((held.Part, EndedTree.WholePart), out var end)) return;
        _ended[(held.Part, EndedTree.WholePart)] = end with { At = leaf.Time, IsSwept = false };
        _erasedAt[held.Part] = leaf.Time;
    }

    private void Erase(Guid record, LogLeaf leaf)
    {
        _erased.Add(record);
        _erasedAt[new(leaf.Tenant, leaf.Class, leaf.Epoch)] = leaf.Time;
    }

    /// <summary>Everything so far was read from the log: no index is known to have it.</summary>
    public void Loaded()
    {
        foreach (var (part, count) in _parts)
            _loadedBelow[part] = count.LastBatch + 1;
    }

    /// <summary>
    /// An index without every batch below must not answer: it lacks what it once held durably, or what was committed
    /// before this activation. What was added since is in memory and found within a second.
    /// </summary>
    public ulong MustHoldBelow(RetentionPart part) => IsOver(part)
        ? 0 // nobody makes it again once it is lost, and the tenant's other parts must go on answering
        : Math.Max(_parts[part].IndexedBelow, _loadedBelow.GetValueOrDefault(part));

    /// <summary>The newest batch that re-sealed something of the part; 0: there is none.</summary>
    public ulong LastReseal(RetentionPart part) => _parts.GetValueOrDefault(part)?.LastReseal ?? 0;

    /// <summary>The part's index holds every batch below <paramref name="below"/> durably.</summary>
    public void Indexed(RetentionPart part, ulong below)
    {
        if (_parts.TryGetValue(part, out var count) && below > count.IndexedBelow)
            _parts[part] = count with { IndexedBelow = below };
    }

    /// <summary>The spool will never show these segments again.</summary>
    public void Forget(IEnumerable<SegmentId> segments)
    {
        var gone = segments.ToHashSet();
        foreach (var delivery in _done.Keys.Where(d => gone.Contains(d.Segment)).ToArray())
            _done.Remove(delivery);
    }

    public ArchiveSnapshot Snapshot() => new(
        NextBatch, Archived, Duplicates, BackedUpBelow,
        [.. _parts.Select(p => new SnapshotPart(p.Key.ToString(), p.Value))],
        [.. _done.Select(d => new SnapshotDelivery(d.Key.ToString(), d.Value))],
        [.. _erased], [.. _erasedAt.Select(p => new SnapshotErasure(p.Key.ToString(), p.Value))],
        [.. _sources.All.Select(s => new SnapshotSource(s.Key, s.Value))])
    {
        EndedTrees = [.. _ended.Values.Select(SnapshotTree.Of)],
        Days = [.. _days.All],
        Held = [.. _held.Select(SnapshotHold.Of)],
    };

    public static ArchiveState From(ArchiveSnapshot snapshot)
    {
        var state = new ArchiveState
        {
            NextBatch = snapshot.NextBatch,
            Archived = snapshot.Archived,
            Duplicates = snapshot.Duplicates,
            BackedUpBelow = snapshot.BackedUpBelow,
        };
        foreach (var part in snapshot.Parts)
            state._parts[RetentionPart.Parse(part.Part)] = part.Count;
        foreach (var delivery in snapshot.Deliveries)
        {
            if (DeliveryId.TryParse(delivery.Receipt, out var id))
                state._done[id] = delivery.Batch;
        }
        state._erased.UnionWith(snapshot.Erased);
        foreach (var part in snapshot.Erasures)
            state._erasedAt[RetentionPart.Parse(part.Part)] = part.At;
        foreach (var source in snapshot.Sources)
            state._sources.Add(source.Source, source.Count);
        foreach (var tree in snapshot.EndedTrees.Select(tree => tree.Tree()))
            state._ended[(tree.Part, tree.Generation)] = tree;
        foreach (var hold in snapshot.Held) state._held[hold.Held()] = hold.Record;
        foreach (var day in snapshot.Days)
            state._days.Add(day);
        return state;
    }

    private void Count(LogLeaf leaf, ulong batch)
    {
        var key = new RetentionPart(leaf.Tenant, leaf.Class, leaf.Epoch);
        var part = _parts.GetValueOrDefault(key) ?? new(batch, batch, 0, 0);
        var records = part.Records + (leaf.Type is LeafType.Archived ? 1 : 0);
        var deliveries = part.Deliveries + (leaf.Type is LeafType.Delivery ? 1 : 0);
        _parts[key] = part with
        {
            LastBatch = batch, Records = records, Deliveries = deliveries,
            LastReseal = leaf.Type is LeafType.Resealed ? batch : part.LastReseal,
        };
    }
}
