using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// How many grants of one tenant each silo has had within the minute. In memory: it is there against a silo that runs
/// wild, and a restart of Control is rarer than that.
/// </summary>
internal sealed class GrantQuota(TimeProvider time)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, int> _grants = [];
    private long? _minute;

    /// <summary>Throws <see cref="LeaseRefusedException"/> (Unavailable) beyond the quota.</summary>
    public void Count(string silo)
    {
        if (_minute is not { } began || time.GetElapsedTime(began) >= Minute)
        {
            _minute = time.GetTimestamp();
            _grants.Clear();
        }
        var grants = _grants.GetValueOrDefault(silo) + 1;
        if (grants > LeaseLimits.GrantsPerMinuteMax)
            throw new LeaseRefusedException(LeaseRefusal.Unavailable, "the silo asks for more than its quota");
        _grants[silo] = grants;
    }
}
