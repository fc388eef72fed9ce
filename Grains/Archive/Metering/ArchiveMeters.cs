using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AMA.Adapters.Hosting.Metrics;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Metering;

/// <param name="BehindBatches">Committed and not yet in Backup.</param>
public sealed record MeteredArchive(
    long Archived, long Duplicates, string LeaseState, ulong BehindBatches, SourceTally[] Sources);

/// <param name="Alarms">All that last, gaps included.</param>
public sealed record MeteredRegion(SpoolView Spool, double BehindSeconds, AlarmView[] Alarms);

/// <summary>
/// What this silo's grains last told, as metrics: docs/metrics.md. Whoever moves to another silo is told there. Safe for
/// many threads.
/// </summary>
public sealed class ArchiveMeters : IDisposable
{
    private readonly Meter _meter = new(MeterNames.Archive);
    private readonly SourceLabels _labels = new();
    private readonly ConcurrentDictionary<TenantId, MeteredArchive> _archives = new();
    private volatile MeteredRegion? _region;

    public ArchiveMeters()
    {
        AddSources();
        AddArchives();
        AddRegion();
    }

    public void Tell(TenantId tenant, MeteredArchive archive) => _archives[tenant] = archive;

    public void Forget(TenantId tenant) => _archives.TryRemove(tenant, out _);

    public void Tell(MeteredRegion? region) => _region = region;

    public void Dispose() => _meter.Dispose();

    private void AddSources()
    {
        _meter.CreateObservableCounter(
            "ama.source.deliveries", () => Sources("archived", one => one.Archived)
                .Concat(Sources("duplicate", one => one.Duplicates)), null, "Deliveries in the archive, by source.");
        _meter.CreateObservableCounter(
            "ama.source.size", () => Sources(null, one => one.MessageBytes), "By", "Their bytes, as received.");
        _meter.CreateObservableGauge(
            "ama.source.last_seen", LastSeen, "s", "When something was accepted last and archived; Unix time.");
        _meter.CreateObservableGauge("ama.source.silent", Silent, null, "1 for each source that is silent.");
    }

    private void AddArchives()
    {
        _meter.CreateObservableCounter(
            "ama.archive.records", () => _archives.Values.Sum(one => one.Archived), null, "Records.");
        _meter.CreateObservableCounter(
            "ama.archive.duplicates", () => _archives.Values.Sum(one => one.Duplicates), null,
            "Deliveries of bytes that were a record already.");
        _meter.CreateObservableGauge(
            "ama.archive.backup.behind", () => _archives.Values.Sum(one => (long)one.BehindBatches), null,
            "Log batches that are committed and not in Backup.");
        _meter.CreateObservableGauge("ama.archive.leases", Leases, null, "Archives by the state of their lease.");
    }

    private void AddRegion()
    {
        _meter.CreateObservableGauge(
            "ama.spool.entries", () => Region(one => one.Spool.Entries), null,
            "Messages that wait, and segments that are not read.");
        _meter.CreateObservableGauge(
            "ama.spool.behind", () => Region(one => one.BehindSeconds), "s",
            "Since the queue was read to its end, or the age of its oldest message.");
        _meter.CreateObservableGauge(
            "ama.spool.quarantined", () => Region(one => one.Spool.Quarantined), null,
            "What no copy of could be opened.");
        _meter.CreateObservableGauge(
            "ama.spool.free", () => Region(one => one.Spool.FreePercent ?? double.NaN), "%",
            "Space or inodes left in the fullest spool store.");
        _meter.CreateObservableGauge(
            "ama.spool.sequence_gaps", () => Region(one => one.Alarms.Count(alarm => alarm.Kind == AlarmKinds.SequenceGap)),
            null, "Gaps in gateways' rows: accepted mail that is in no store.");
        _meter.CreateObservableGauge(
            "ama.alarms", Alarms, null, "Alarms that last, by kind.");
    }

    /// <summary>Beyond the limit of labels, sums: a counter's row is named once.</summary>
    private IEnumerable<Measurement<long>> Sources(string? outcome, Func<SourceTally, long> value) => _archives
        .SelectMany(archive => archive.Value.Sources.Select(one => (Label: _labels.Of(archive.Key.Value, one.Source), one)))
        .GroupBy(pair => pair.Label, pair => value(pair.one))
        .Select(row => new Measurement<long>(row.Sum(), Tags(row.Key, outcome)));

    private IEnumerable<Measurement<long>> LastSeen() => _archives
        .SelectMany(archive => archive.Value.Sources.Select(one => (Label: _labels.Of(archive.Key.Value, one.Source), one)))
        .GroupBy(pair => pair.Label, pair => pair.one.LastSeen.ToUnixTimeSeconds())
        .Select(row => new Measurement<long>(row.Max(), Tags(row.Key, null)));

    private IEnumerable<Measurement<int>> Silent() => (_region?.Alarms ?? [])
        .Where(alarm => alarm.Kind == AlarmKinds.SourceSilent)
        .GroupBy(alarm => _labels.Of(alarm.Tenant ?? Guid.Empty, alarm.Source))
        .Select(row => new Measurement<int>(row.Count(), Tags(row.Key, null)));

    private IEnumerable<Measurement<int>> Leases() => _archives.Values.GroupBy(one => one.LeaseState)
        .Select(row => new Measurement<int>(row.Count(), new KeyValuePair<string, object?>("state", row.Key)));

    private IEnumerable<Measurement<int>> Alarms() => _region is not { } region
        ? []
        : AlarmKinds.All.Select(kind => new Measurement<int>(
            region.Alarms.Count(alarm => alarm.Kind == kind), new KeyValuePair<string, object?>("kind", kind)));

    private IEnumerable<Measurement<T>> Region<T>(Func<MeteredRegion, T> value) where T : struct =>
        _region is { } region ? [new Measurement<T>(value(region))] : [];

    private static KeyValuePair<string, object?>[] Tags(SourceLabel label, string? outcome) => outcome is null
        ? [label.TenantTag, label.SourceTag]
        : [label.TenantTag, label.SourceTag, new("outcome", outcome)];
}
