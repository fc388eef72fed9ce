using AMA.Archive.Ids;

namespace AMA.Grains.Archive.Spool;

/// <summary>A record that waits for its ingest grain.</summary>
/// <param name="Source">Of its tenant; empty: the gateway named none.</param>
public readonly record struct WaitingRecord(DeliveryId Delivery, int Bytes, Guid Source, DateTimeOffset AcceptedAt);

/// <summary>Where a segment stands on its way: read, then each record committed, then all of it in Backup, then gone.</summary>
public sealed class SegmentWork(
    SegmentId id, DateTimeOffset created, RowPlace place, IReadOnlyDictionary<TenantId, int> records)
{
    private readonly Dictionary<TenantId, int> _waiting = new(records);
    private readonly Dictionary<TenantId, ulong> _batches = [];

    public SegmentId Id { get; } = id;
    public DateTimeOffset Created { get; } = created;

    /// <summary>In its gateway's row.</summary>
    public RowPlace Place { get; } = place;

    public bool AllCommitted => _waiting.Count == 0;
    public IReadOnlyDictionary<TenantId, ulong> Batches => _batches;

    public int Waiting(TenantId? tenant) =>
        tenant is { } one ? _waiting.GetValueOrDefault(one) : _waiting.Values.Sum();

    /// <summary>One record of the tenant is committed, at the latest in <paramref name="batch"/>.</summary>
    public void Committed(TenantId tenant, ulong batch)
    {
        if (--_waiting[tenant] == 0) _waiting.Remove(tenant);
        _batches[tenant] = Math.Max(batch, _batches.GetValueOrDefault(tenant));
    }
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
