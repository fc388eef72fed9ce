using System.Collections.Concurrent;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// The one place in a silo where leased keys lie. Grains ask it by what they need and get nothing once the lease has
/// ended; a key never travels in a grain message.
/// </summary>
public sealed class LeaseHolder(TimeProvider time) : IDisposable
{
    /// <summary>No answer of Control's is on its way for longer; a revocation is remembered for so long.</summary>
    private static readonly TimeSpan AnswerTimeMax = TimeSpan.FromMinutes(2);

    private const int RevocationsMax = 4_096;

    private readonly ConcurrentDictionary<Guid, HeldLease> _leases = new();
    private readonly ConcurrentDictionary<Guid, HeldLease> _queue = new();
    private readonly ConcurrentDictionary<Guid, IngestLease> _ingest = new();
    private readonly ConcurrentDictionary<RetentionPart, IngestLease> _newestIngest = new();
    private readonly IndexLeases _index = new();
    private readonly ConcurrentQueue<(Revocation Revocation, long At)> _revoked = new();
    private volatile bool _dropped;

    /// <summary>
    /// Leases have ended and their keys are zeroed: whoever made something of such a key lets go of it now.
    /// </summary>
    public event Action? SomeEnded;

    public IEnumerable<HeldLease> All => _leases.Values;

    /// <summary>Takes a lease in; one that was revoked while its answer was on the way ends here.</summary>
    public void Put(HeldLease lease)
    {
        // Before anybody can drop it: what is dropped must be in neither.
        _index.Add(lease);
        if (lease.Purpose == LeasePurpose.Queue) _queue[lease.Id] = lease;
        _leases[lease.Id] = lease;
        if (_revoked.Any(r => lease.Sent <= r.At && r.Revocation.Matches(FactsOf(lease)))) Drop(lease.Id);
    }

    public void Put(IngestLease lease)
    {
        _ingest[lease.Lease.Id] = lease;
        _newestIngest[lease.Part] = lease;
        Put(lease.Lease);
    }

    /// <summary>The newest ingest lease of a part, if it is live, or null.</summary>
    public IngestLease? Ingest(RetentionPart part) =>
        _newestIngest.TryGetValue(part, out var lease) && !lease.Lease.Ended ? lease : null;

    /// <summary>
    /// The newest index key of a part under any live lease of its tenant; null: the index is locked.
    /// </summary>
    public LeasedKey? IndexKey(RetentionPart part) => _index.Find(part, null);

    /// <summary>The index key of one version: files from before a new one lie under the old one.</summary>
    public LeasedKey? IndexKey(RetentionPart part, ulong version) => _index.Find(part, version);

    /// <summary>True while something new may be started on a part's index.</summary>
    public bool IndexMayStart(RetentionPart part) => _index.MayStart(part);

    public Secret? QueueKey(ulong keyId) => _queue.Values
        .Where(l => !l.Ended)
        .SelectMany(l => l.Keys)
        .FirstOrDefault(k => k.Kind == LeasedKeyKind.QueuePrivate && k.KeyId == keyId)?.Key;

    /// <summary>A live lease opens the queue.</summary>
    public bool QueueIsOpen => _queue.Values.Any(l => !l.Ended);

    /// <summary>Zeroes and forgets a lease; what was made of its keys goes with the next sweep at the latest.</summary>
    public void Drop(Guid lease)
    {
        if (_ingest.TryRemove(lease, out var ingest))
        {
            _newestIngest.TryRemove(new(ingest.Part, ingest));
            ingest.Dispose();
        }
        if (!_leases.TryRemove(lease, out var held)) return;
        _queue.TryRemove(lease, out _);
        _index.Remove(held);
        held.Dispose();
        _dropped = true;
    }

    /// <summary>Ends the leases whose newest key of the part's index is an older one than this.</summary>
    public void EndOlderIndexKeys(RetentionPart part, ulong version) => End(_leases.Values.Where(lease =>
        lease.WasGiven(LeasedKeyKind.Ixk, part) && lease.Tenant == part.Tenant && lease.Keys
            .Where(key => key.Kind == LeasedKeyKind.Ixk && key.Class == part.Class && key.Epoch == part.Epoch)
            .Max(key => key.KeyId) < version));

    /// <summary>Ends at once what a revocation is about, also what is still on its way here; how many there were.</summary>
    public int Revoke(Revocation revocation)
    {
        var now = time.GetTimestamp();
        _revoked.Enqueue((revocation, now));
        while (_revoked.TryPeek(out var oldest)
            && (_revoked.Count > RevocationsMax || time.GetElapsedTime(oldest.At, now) > AnswerTimeMax))
            _revoked.TryDequeue(out _);
        return End(_leases.Values.Where(lease => revocation.Matches(FactsOf(lease))));
    }

    /// <summary>Zeroes and forgets every lease that has ended; how many there were.</summary>
    public int Sweep() => End(_leases.Values.Where(lease => lease.Ended));

    public void Dispose()
    {
        foreach (var id in _leases.Keys)
            Drop(id);
    }

    private int End(IEnumerable<HeldLease> leases)
    {
        var ended = leases.ToArray();
        foreach (var lease in ended)
            Drop(lease.Id);
        if (!_dropped) return ended.Length;
        _dropped = false;
        SomeEnded?.Invoke();
        return ended.Length;
    }

    /// <summary>Control tells each silo only of itself, the region, or what it can't know: so the name is left out.</summary>
    private static LeaseFacts FactsOf(HeldLease lease) => new(lease.Tenant?.Value, "", lease.Session, lease.Id);
}
