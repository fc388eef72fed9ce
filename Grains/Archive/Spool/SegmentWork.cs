using AMA.Archive.Ids;
using AMA.Archive.Spool;

namespace AMA.Grains.Archive.Spool;

/// <summary>A record that waits for its ingest grain.</summary>
/// <param name="Source">Of its tenant; empty: the gateway named none.</param>
public readonly record struct WaitingRecord(DeliveryId Delivery, int Bytes, Guid Source, DateTimeOffset AcceptedAt);

/// <summary>One acceptance, as its segment's envelope tells it.</summary>
/// <param name="Source">The tenant's source; empty: the gateway named none.</param>
/// <param name="Bytes">Envelope and message.</param>
public readonly record struct SpoolRecord(TenantId Tenant, Guid Source, DateTimeOffset AcceptedAt, int Bytes);

/// <summary>
/// Where a segment stands on its way: read, then each record committed, then all of it in Backup, then gone. There may be
/// very many of them while a tenant is locked: a record takes 24 bytes.
/// </summary>
public sealed class SegmentWork
{
    private readonly Dictionary<TenantId, int> _waiting;
    private readonly Dictionary<TenantId, ulong> _batches = [];
    private readonly (TenantId Tenant, Guid Source)[] _origins;
    private readonly Entry[] _records;

    public SegmentWork(SegmentId id, DateTimeOffset created, RowPlace place, IReadOnlyList<SpoolRecord> records)
    {
        (Id, Created, Place) = (id, created, place);
        _waiting = records.GroupBy(r => r.Tenant).ToDictionary(g => g.Key, g => g.Count());
        _origins = [.. records.Select(r => (r.Tenant, r.Source)).Distinct()];
        _records = [.. records.Select(r => new Entry(
            r.AcceptedAt.ToUnixTimeMilliseconds(), 0, r.Bytes, Array.IndexOf(_origins, (r.Tenant, r.Source))))];
    }

    public SegmentId Id { get; }
    public DateTimeOffset Created { get; }

    /// <summary>In its gateway's row.</summary>
    public RowPlace Place { get; }

    public bool AllCommitted => _waiting.Count == 0;
    public IReadOnlyDictionary<TenantId, ulong> Batches => _batches;

    public int Waiting(TenantId? tenant) =>
        tenant is { } one ? _waiting.GetValueOrDefault(one) : _waiting.Values.Sum();

    /// <summary>A record that is in the segment, committed or not.</summary>
    public SpoolRecord? Find(uint number) => number < _records.Length ? At((int)number) : null;

    /// <summary>A tenant's records that are not known to be committed, by number.</summary>
    public IEnumerable<(uint Number, SpoolRecord Record)> WaitingOf(TenantId tenant)
    {
        for (var i = 0; i < _records.Length; i++)
            if (_records[i].Batch == 0 && At(i) is var record && record.Tenant == tenant) yield return ((uint)i, record);
    }

    /// <summary>A record is committed, in <paramref name="batch"/> of its tenant.</summary>
    public void Committed(uint number, ulong batch)
    {
        var tenant = At((int)number).Tenant;
        _records[number].Batch = batch;
        if (--_waiting[tenant] == 0) _waiting.Remove(tenant);
        _batches[tenant] = Math.Max(batch, _batches.GetValueOrDefault(tenant));
    }

    /// <summary>What is to be known of the segment when it is gone.</summary>
    public SegmentMark Mark() =>
        SegmentMark.OfArchived(_records.Select((entry, i) => ((uint)i, _origins[entry.Origin].Tenant, entry.Batch)));

    private SpoolRecord At(int number)
    {
        var (tenant, source) = _origins[_records[number].Origin];
        return new(
            tenant, source, DateTimeOffset.FromUnixTimeMilliseconds(_records[number].AcceptedAt), _records[number].Bytes);
    }

    /// <param name="AcceptedAt">Milliseconds since 1970.</param>
    /// <param name="Batch">0: not committed.</param>
    /// <param name="Origin">Among the segment's tenants and sources.</param>
    private record struct Entry(long AcceptedAt, ulong Batch, int Bytes, int Origin);
}

/// <summary>
/// The records of one mailbox that wait, in order of arrival. One call to its ingest grain at a time; a call that
/// failed leaves them waiting and makes the mailbox rest for a while, so that it holds up no other.
/// </summary>
public sealed class MailboxQueue(TenantId tenant, MailboxId mailbox)
{
    private static readonly TimeSpan RestFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(15);

    private readonly LinkedList<WaitingRecord> _waiting = [];
    private TimeSpan _rest = RestFirst;
    private int _recordsMax = int.MaxValue;
    private DateTimeOffset _restUntil;

    public TenantId Tenant { get; } = tenant;
    public string GrainKey { get; } = $"{tenant}/{mailbox}/0";
    public bool Running { get; set; }
    public bool Empty => _waiting.Count == 0;

    public bool MayRun(DateTimeOffset now) => !Running && !Empty && now >= _restUntil;

    public void Add(WaitingRecord record) => _waiting.AddLast(record);

    /// <summary>The next records, at most so many and so many bytes, but at least one.</summary>
    public WaitingRecord[] Take(int recordsMax, long bytesMax)
    {
        var taken = new List<WaitingRecord>();
        var bytes = 0L;
        var most = Math.Min(recordsMax, _recordsMax);
        while (_waiting.First is { } first && taken.Count < most
            && (taken.Count == 0 || bytes + first.Value.Bytes <= bytesMax))
        {
            bytes += first.Value.Bytes;
            taken.Add(first.Value);
            _waiting.RemoveFirst();
        }
        return [.. taken];
    }

    public void Done()
    {
        _rest = RestFirst;
        _recordsMax = int.MaxValue;
    }

    /// <summary>
    /// Next time half as many: should one record be the cause, it is soon alone, goes to the end, and the others pass.
    /// </summary>
    public void Failed(IReadOnlyList<WaitingRecord> records, DateTimeOffset now)
    {
        if (records.Count == 1)
            _waiting.AddLast(records[0]);
        else
            foreach (var record in records.Reverse())
                _waiting.AddFirst(record);
        _recordsMax = Math.Max(1, records.Count / 2);
        _restUntil = now + _rest;
        _rest = _rest * 2 < RestMax ? _rest * 2 : RestMax;
    }
}
