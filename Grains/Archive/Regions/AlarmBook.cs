using AMA.Grains.Archive.Metering;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Regions;

/// <summary>
/// The alarms that last: one log line when one begins, one when it ends. After a restart those that still last begin
/// anew. For the region grain's turns.
/// </summary>
public sealed class AlarmBook(ArchiveMeters meters, ILogger<AlarmBook> log)
{
    private Dictionary<(string Kind, Guid Subject), AlarmView> _lasting = [];

    public IReadOnlyCollection<AlarmView> Lasting => _lasting.Values;

    /// <summary>What this silo's metrics say of the region.</summary>
    public void Tell(SpoolView spool, double behindSeconds) =>
        meters.Tell(new MeteredRegion(spool, behindSeconds, [.. spool.Gaps, .. _lasting.Values]));

    /// <summary>The region's grain has gone elsewhere.</summary>
    public void Leave() => meters.Tell(null);

    /// <summary>What lasts now, all of it.</summary>
    public void Update(IEnumerable<AlarmView> alarms)
    {
        var now = alarms.ToDictionary(alarm => (alarm.Kind, alarm.Source ?? Guid.Empty));
        foreach (var (key, alarm) in now.Where(one => !_lasting.ContainsKey(one.Key)))
        {
            if (alarm.Kind == AlarmKinds.SourceSilent) RegionLog.SourceSilent(log, alarm.Tenant, key.Item2, alarm.Since);
            else RegionLog.SpoolBehind(log, alarm.Since);
        }
        foreach (var (key, alarm) in _lasting.Where(one => !now.ContainsKey(one.Key)))
        {
            if (alarm.Kind == AlarmKinds.SourceSilent) RegionLog.SourceHeard(log, alarm.Tenant, key.Subject);
            else RegionLog.SpoolLevel(log);
        }
        _lasting = now;
    }
}
