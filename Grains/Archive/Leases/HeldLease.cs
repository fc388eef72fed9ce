using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;

namespace AMA.Grains.Archive.Leases;

/// <summary>
/// A lease in this silo's memory, with its end: T = time of sending + ttl - min(5 s, ttl / 10), by the monotonic
/// clock (crypto.md §8). In the last stretch before T nothing new starts; at T the keys are zeroed.
/// </summary>
public sealed class HeldLease(Guid id, LeasePurpose purpose, ulong fence, TimeProvider time) : IDisposable
{
    private const int MarginSecondsMax = 5;
    private const int QuietSecondsMax = 30;

    private readonly List<LeasedKey> _keys = [];
    private TimeSpan _ttl;
    private TimeSpan _renewAfter;
    private bool _started;
    private int _ended;
    private int _alarmed;

    public Guid Id { get; } = id;
    public LeasePurpose Purpose { get; } = purpose;
    public ulong Fence { get; } = fence;
    public TenantId? Tenant { get; init; }

    /// <summary>Of the person it was granted for, or null.</summary>
    public Guid? Session { get; init; }

    public IReadOnlyList<LeasedKey> Keys => _keys;

    /// <summary>When the request was sent that gave it, or gave it more time: a timestamp of the monotonic clock.</summary>
    public long Sent { get; private set; }

    public bool Ended => _ended != 0 || Remaining <= TimeSpan.Zero;

    /// <summary>Something new may start: more than 30 s (or a tenth of a short lease) are left.</summary>
    public bool MayStart => !Ended && Remaining > Least(QuietSecondsMax);

    public bool RenewalDue => !Ended && time.GetElapsedTime(Sent) >= _renewAfter;

    public TimeSpan Remaining => _ttl - Least(MarginSecondsMax) - time.GetElapsedTime(Sent);

    public DateTimeOffset ExpiresAt => time.GetUtcNow() + Remaining;

    /// <summary>
    /// Starts or restarts the clock, from the moment the request was sent. False: the lease had ended before the answer
    /// came, and stays so.
    /// </summary>
    public bool Extend(long sentTimestamp, LeaseGrant grant)
    {
        if (_started && Ended) return false;
        _started = true;
        Sent = sentTimestamp;
        _ttl = TimeSpan.FromSeconds(grant.TtlSeconds);
        _renewAfter = TimeSpan.FromSeconds(grant.RenewAfterSeconds);
        Volatile.Write(ref _alarmed, 0);
        return true;
    }

    public void Take(IEnumerable<LeasedKey> keys) => _keys.AddRange(keys);

    /// <summary>To be asked again right before a result leaves or a write goes out: a paused process must not.</summary>
    public void Check()
    {
        if (Ended) throw new LeaseEndedException();
    }

    /// <summary>True once, when its last stretch has begun and it should have been renewed by then.</summary>
    public bool AlarmDue() =>
        !MayStart && !Ended && _renewAfter > TimeSpan.Zero && Interlocked.Exchange(ref _alarmed, 1) == 0;

    /// <summary>The key of a kind for a retention part, or null when this lease has none or has ended.</summary>
    public LeasedKey? Find(LeasedKeyKind kind, RetentionPart part) => Ended || Tenant != part.Tenant
        ? null
        : _keys.FirstOrDefault(k => k.Kind == kind && k.Class == part.Class && k.Epoch == part.Epoch);

    /// <summary>A single leaf's key; null when this lease has none for it, or has ended.</summary>
    public Secret? LeafKey(RetentionPart part, TreeLeaf leaf) => Ended || Tenant != part.Tenant
        ? null
        : _keys.FirstOrDefault(k => k.Kind == LeasedKeyKind.Leaf && k.Class == part.Class && k.Epoch == part.Epoch
            && k.Generation == leaf.Generation && k.FirstLeaf == leaf.Leaf)?.Key;

    /// <summary>Whether a key of this kind came with it for the part, also after its end.</summary>
    public bool WasGiven(LeasedKeyKind kind, RetentionPart part) => Tenant == part.Tenant
        && _keys.Any(k => k.Kind == kind && k.Class == part.Class && k.Epoch == part.Epoch);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        foreach (var key in _keys)
            key.Key.Dispose();
    }

    private TimeSpan Least(int seconds) =>
        TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(seconds).Ticks, _ttl.Ticks / 10));
}

/// <summary>The lease a piece of work ran under has ended: nothing of it may go out.</summary>
public sealed class LeaseEndedException() : Exception("the key lease has ended");
