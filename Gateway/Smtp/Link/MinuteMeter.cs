using System.Collections.Concurrent;
using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Link;

/// <summary>
/// How many messages each tenant has begun in the running minute, at this gateway. Minutes follow the monotonic clock,
/// so that a clock set back shuts nobody out.
/// </summary>
internal sealed class MinuteMeter(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();
    private readonly ConcurrentDictionary<TenantId, Minute> _minutes = new();

    /// <summary>Only tenants with a limit are ever kept here, so there are no more of these than of those.</summary>
    public bool TryAdd(TenantId tenant, int most)
    {
        var now = (long)time.GetElapsedTime(_origin).TotalMinutes;
        var counted = _minutes.AddOrUpdate(
            tenant,
            _ => new(now, 1),
            (_, last) => last.Number == now ? last with { Messages = Math.Min(last.Messages, most) + 1 } : new(now, 1));
        return counted.Messages <= most;
    }

    private readonly record struct Minute(long Number, int Messages);
}
