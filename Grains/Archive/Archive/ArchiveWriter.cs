using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Archive;

/// <summary>
/// Writes a tenant's log under its ingest leases. The first lease's fence opens a takeover batch; from then on every
/// batch is put-if-absent, so whoever was overtaken finds out before anything of his counts.
/// </summary>
public sealed partial class ArchiveWriter(ArchiveRoom room, TenantId tenant, ArchiveState state, ILogger log)
{
    /// <summary>A subtree with fewer free leaves is given back for a new one.</summary>
    private const uint FreeLeavesMin = 4_096;

    private static readonly TimeSpan RenewalRetryAfter = TimeSpan.FromSeconds(10);

    private readonly TenantLog _log = new(room.Stores.Primary, tenant);
    private readonly RecentTags _recent = new();
    private readonly Dictionary<DeliveryId, Reserved> _reserved = [];
    private readonly Dictionary<RetentionPart, IngestLease> _leases = [];
    private readonly Dictionary<RetentionPart, Queue<LeafMark>> _marks = [];
    private readonly HashSet<RetentionPart> _refused = [];
    private bool _tookOver;
    private long? _renewalFailed;

    /// <summary>Takes in what the log holds beyond the snapshot.</summary>
    public async Task ReplayAsync(CancellationToken cancel)
    {
        await foreach (var batch in _log.ReadAsync(state.NextBatch, cancel))
            state.Apply(batch);
        state.Loaded();
    }

    /// <summary>A lease for the part ended or was refused, and nobody has got a new one since.</summary>
    public bool Lost(RetentionPart part) =>
        _refused.Contains(part) || (_leases.TryGetValue(part, out var lease) && lease.Lease.Ended);

    public (string State, DateTimeOffset? ExpiresAt) LeaseState()
    {
        var held = _leases.Values.FirstOrDefault(l => l.Lease.MayStart);
        if (held is not null) return ("held", held.Lease.ExpiresAt);
        return (_refused.Count > 0 || _leases.Count > 0 ? "locked" : "none", null);
    }

    /// <summary>Sees to a live lease; true when it is a new one. Throws <see cref="ArchiveException"/> (Locked).</summary>
    public async Task<bool> LeaseAsync(RetentionPart part)
    {
        if (_leases.TryGetValue(part, out var held))
        {
            if (held.Lease.MayStart && held.Free >= FreeLeavesMin) return false;
            await DropAsync(held);
        }
        _refused.Add(part);
        var lease = await room.Leases.IngestAsync(part);
        _refused.Remove(part);
        _leases[part] = lease;
        if (!_tookOver) await TakeOverAsync(lease.Lease);
        return true;
    }

    public async Task<Reservation[]> ReserveAsync(RetentionPart part, ReserveRequest request, IIndexGrain index)
    {
        var lease = _leases[part];
        var known = await KnownAsync(request, index);
        var inRequest = new Dictionary<string, Guid>();
        var answer = new Reservation[request.Deliveries.Length];
        for (var i = 0; i < answer.Length; i++)
        {
            var delivery = IdOf(request.Deliveries[i]);
            if (state.TryFindDone(delivery, out var batch))
            {
                answer[i] = new(ReservationKind.Done, default, 0, batch);
                continue;
            }
            _reserved[delivery] = new(request.Tags[i], known[i]?.LogIndex, lease);
            answer[i] = Decide(known[i], request.Tags[i], inRequest, lease);
        }
        return answer;
    }

    /// <summary>The committed batch, or null: something changed since the reservation, reserve again.</summary>
    public async Task<CommittedBatch?> CommitAsync(RetentionPart part, CommitRequest request)
    {
        if (!_leases.TryGetValue(part, out var lease) || !StillHolds(request, lease)) return null;
        lease.Lease.Check();
        var now = room.Time.GetUtcNow();
        var entries = request.Items.Select(i => Entry(lease, request.Pack, i, RefIndexOf(i, request), now));
        var result = await _log.CommitAsync([.. entries], default, lease.Lease.Check, TalliesOf(request));
        var batch = result.Batch ?? throw Overtaken();
        state.Apply(batch);
        Remember(request, batch, lease);
        return new(batch.Number, batch.FirstLeafIndex);
    }

    private static InvalidOperationException Overtaken() =>
        new("another activation writes this tenant's log; this one stops");

    public async Task RenewAsync()
    {
        // A Control that hangs is not asked every second: the archive would be busy waiting for it.
        if (_renewalFailed is { } failed && room.Time.GetElapsedTime(failed) < RenewalRetryAfter) return;
        foreach (var lease in _leases.Values.Where(l => l.Lease.RenewalDue).ToArray())
        {
            if (await room.Leases.RenewAsync(lease.Lease, lease.Report())) continue;
            _renewalFailed = room.Time.GetTimestamp();
            ArchiveLog.NotRenewed(log, tenant, lease.Lease.Remaining);
            return;
        }
    }

    /// <summary>The part's index holds every batch below durably: Control need not keep their leaves for a catch-up.</summary>
    public void Indexed(RetentionPart part, ulong below)
    {
        var marks = _marks.GetValueOrDefault(part) ?? [];
        while (marks.TryPeek(out var mark) && mark.Batch < below)
        {
            mark.Lease.Indexed = Math.Max(mark.Lease.Indexed, mark.Used);
            marks.Dequeue();
        }
    }

    public async Task ReleaseAsync()
    {
        foreach (var lease in _leases.Values.ToArray())
            await DropAsync(lease);
    }

    private async Task TakeOverAsync(HeldLease lease)
    {
        await _log.TakeOverAsync(
            lease.Fence, room.Random.NextId(), room.Leases.Region, room.Time.GetUtcNow(), default, lease.Check);
        await ReplayAsync(default);
        _tookOver = true;
    }

    private async Task DropAsync(IngestLease lease)
    {
        _leases.Remove(lease.Part);
        await room.Leases.ReleaseAsync(lease.Lease, lease.Report());
    }

    private async Task<TaggedView?[]> KnownAsync(ReserveRequest request, IIndexGrain index)
    {
        var known = await index.FindTags(request.Tags);
        return [.. request.Tags.Select((tag, i) =>
            Live(_recent.TryFind(tag, out var recent) ? recent : known[i]))];
    }

    /// <summary>What is to be erased is matched no more: the same bytes are a new record.</summary>
    private TaggedView? Live(TaggedView? known) =>
        known is { } record && state.IsErased(record.Record) ? null : known;

    private Reservation Decide(TaggedView? known, byte[] tag, Dictionary<string, Guid> inRequest, IngestLease lease)
    {
        var leaf = lease.TakeLeaf();
        if (known is { } record) return new(ReservationKind.FurtherDelivery, record.Record, leaf, 0);
        var key = Convert.ToHexString(tag);
        if (inRequest.TryGetValue(key, out var first)) return new(ReservationKind.FurtherDelivery, first, leaf, 0);
        return new(ReservationKind.NewRecord, inRequest[key] = room.Random.NextId(), leaf, 0);
    }

    /// <summary>The lease is the same, no delivery was committed meanwhile, and no new record has become a copy.</summary>
    private bool StillHolds(CommitRequest request, IngestLease lease) => request.Items.All(item =>
        item.Leaf - lease.FirstLeaf < lease.Used
        && _reserved.TryGetValue(IdOf(item.Delivery), out var reserved)
        && reserved.Lease == lease // the same leaf of another tree is another leaf
        && !state.TryFindDone(IdOf(item.Delivery), out _)
        && (item.Kind is ReservationKind.NewRecord
            ? Live(_recent.TryFind(reserved.Tag, out var recent) ? recent : null) is null
            : !state.IsErased(item.Record)));

    private void Remember(CommitRequest request, LogBatch batch, IngestLease lease)
    {
        foreach (var (i, item) in request.Items.Index())
        {
            if (_reserved.Remove(IdOf(item.Delivery), out var reserved) && item.Kind is ReservationKind.NewRecord)
                _recent.Add(reserved.Tag, new(item.Record, batch.FirstLeafIndex + (ulong)i));
        }
        lease.Forget(request.Items.Select(i => i.Leaf));
        if (!_marks.TryGetValue(lease.Part, out var marks)) _marks[lease.Part] = marks = [];
        marks.Enqueue(new(batch.Number, lease, request.Items.Max(i => i.Leaf) - lease.FirstLeaf + 1));
    }

    /// <summary>A further delivery's leaf refers to that of its record, which may stand in the same batch.</summary>
    private ulong RefIndexOf(CommitItem item, CommitRequest request)
    {
        if (item.Kind is ReservationKind.NewRecord) return 0;
        if (_reserved[IdOf(item.Delivery)].LogIndex is { } known) return known;
        var first = Array.FindIndex(
            request.Items, i => i.Kind is ReservationKind.NewRecord && i.Record == item.Record);
        return _log.Position!.NextLeafIndex + (ulong)first;
    }

    private LogEntry Entry(IngestLease lease, Guid pack, CommitItem item, ulong refIndex, DateTimeOffset now)
    {
        var part = lease.Part;
        var type = item.Kind is ReservationKind.NewRecord ? LeafType.Archived : LeafType.Delivery;
        var leaf = new LogLeaf(
            type, room.Leases.Region, part.Epoch, now, tenant, new(item.Record), item.Leaf, part.Class,
            (ushort)lease.TreeGeneration, refIndex, item.ContainerSha256, item.ContentCommit, new byte[32]);
        return new(leaf, IdOf(item.Delivery), pack, item.PackRecord, new LogAcceptance(item.AcceptedAt, item.Source));
    }

    private static LogTally[] TalliesOf(CommitRequest request) => LogTally.Of(request.Items.Select(item =>
        (item.Source, item.Kind is not ReservationKind.NewRecord, item.MessageBytes, item.AcceptedAt)));

    private static DeliveryId IdOf(RecordRef record) => new(new(record.Segment), record.RecNo);

    /// <param name="LogIndex">Of the record that this is a further delivery of, where it was known.</param>
    private sealed record Reserved(byte[] Tag, ulong? LogIndex, IngestLease Lease);

    /// <summary>After <paramref name="Batch"/>, so many leaves of the lease were used.</summary>
    private sealed record LeafMark(ulong Batch, IngestLease Lease, uint Used);
}
