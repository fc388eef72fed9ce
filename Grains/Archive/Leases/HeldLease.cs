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
    private long _sent;
    private TimeSpan _ttl;
    private TimeSpan _renewAfter;
    private int _ended;

    public Guid Id { get; } = id;
    public LeasePurpose Purpose { get; } = purpose;
    public ulong Fence { get; } = fence;
    public TenantId? Tenant { get; init; }
    public IReadOnlyList<LeasedKey> Keys => _keys;

    public bool Ended => _ended != 0 || Remaining <= TimeSpan.Zero;

    /// <summary>Something new may start: more than 30 s (or a tenth of a short lease) are left.</summary>
    public bool MayStart => !Ended && Remaining > Least(QuietSecondsMax);

    public bool RenewalDue => !Ended && time.GetElapsedTime(_sent) >= _renewAfter;

    public TimeSpan Remaining => _ttl - Least(MarginSecondsMax) - time.GetElapsedTime(_sent);

    public DateTimeOffset ExpiresAt => time.GetUtcNow() + Remaining;

    /// <summary>Starts or restarts the clock, from the moment the request was sent.</summary>
    public void Extend(long sentTimestamp, LeaseGrant grant)
    {
        _sent = sentTimestamp;
        _ttl = TimeSpan.FromSeconds(grant.TtlSeconds);
        _renewAfter = TimeSpan.FromSeconds(grant.RenewAfterSeconds);
    }

    public void Take(IEnumerable<LeasedKey> keys) => _keys.AddRange(keys);

    /// <summary>The key of a kind for a retention part, or null when this lease has none or has ended.</summary>
    public LeasedKey? Find(LeasedKeyKind kind, RetentionPart part) => Ended || Tenant != part.Tenant
        ? null
        : _keys.FirstOrDefault(k => k.Kind == kind && k.Class == part.Class && k.Epoch == part.Epoch);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        foreach (var key in _keys)
            key.Key.Dispose();
    }

    private TimeSpan Least(int seconds) =>
        TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(seconds).Ticks, _ttl.Ticks / 10));
}
