using AMA.Archive.Log;

namespace AMA.Grains.Archive.Archive;

/// <summary>Deliveries of one source that were accepted on one day.</summary>
public readonly record struct DayTally(Guid Source, long Archived, long Duplicates);

/// <summary>What is in the log of the deliveries of one day of acceptance (UTC).</summary>
/// <param name="FirstBatch">The first log batch that holds one of them.</param>
/// <param name="LastBatch">The last one so far.</param>
/// <param name="Sources">By source id.</param>
public sealed record DayCount(DateOnly Day, ulong FirstBatch, ulong LastBatch, IReadOnlyList<DayTally> Sources)
{
    public long Archived => Sources.Sum(source => source.Archived);
    public long Duplicates => Sources.Sum(source => source.Duplicates);
}

/// <summary>Which days' deliveries are in which log batches, and how many: worked out from the log alone.</summary>
public sealed class DayCounts
{
    private readonly SortedDictionary<DateOnly, DayCount> _days = [];

    /// <summary>Oldest first.</summary>
    public IReadOnlyCollection<DayCount> All => _days.Values;

    public DayCount? Find(DateOnly day) => _days.GetValueOrDefault(day);

    public static DateOnly DayOf(DateTimeOffset acceptedAt) => DateOnly.FromDateTime(acceptedAt.UtcDateTime);

    public void Add(DayCount day) => _days[day.Day] = day;

    public void Add(LogBatch batch)
    {
        var accepted = batch.Entries.Where(entry => entry.Accepted is not null)
            .GroupBy(entry => DayOf(entry.Accepted!.Value.At));
        foreach (var day in accepted) Add(day.Key, batch.Number, day);
    }

    private void Add(DateOnly day, ulong batch, IEnumerable<LogEntry> entries)
    {
        var known = _days.GetValueOrDefault(day) ?? new(day, batch, batch, []);
        var sources = known.Sources.ToDictionary(one => one.Source);
        foreach (var entry in entries)
        {
            var source = entry.Accepted!.Value.Source;
            var tally = sources.GetValueOrDefault(source) with { Source = source };
            sources[source] = entry.Leaf.Type is LeafType.Archived
                ? tally with { Archived = tally.Archived + 1 }
                : tally with { Duplicates = tally.Duplicates + 1 };
        }
        var sorted = sources.Values.OrderBy(one => one.Source.ToString("N"), StringComparer.Ordinal);
        _days[day] = known with { LastBatch = batch, Sources = [.. sorted] };
    }
}
