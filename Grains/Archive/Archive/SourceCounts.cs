using AMA.Archive.Log;

namespace AMA.Grains.Archive.Archive;

/// <param name="LastSeen">The newest time of acceptance.</param>
public readonly record struct SourceCount(long Archived, long Duplicates, long MessageBytes, DateTimeOffset LastSeen)
{
    public SourceCount And(SourceCount more) => new(
        Archived + more.Archived, Duplicates + more.Duplicates, MessageBytes + more.MessageBytes,
        LastSeen > more.LastSeen ? LastSeen : more.LastSeen);
}

/// <summary>
/// What came from each of a tenant's sources, from the tallies in its log. Sources that were removed are counted on; of
/// more than <see cref="SourcesMax"/> the one that was silent for the longest goes into the sum of those without a name.
/// </summary>
public sealed class SourceCounts
{
    /// <summary>Many times the sources that a tenant may have at a time.</summary>
    public const int SourcesMax = 1_024;

    private readonly Dictionary<Guid, SourceCount> _sources = [];

    /// <summary>By source; under the empty id what no source was named for.</summary>
    public IReadOnlyDictionary<Guid, SourceCount> All => _sources;

    public void Add(Guid source, SourceCount count)
    {
        _sources[source] = _sources.GetValueOrDefault(source).And(count);
        if (_sources.Count <= SourcesMax) return;
        // The same one whoever reads the log: times first, then ids.
        var oldest = _sources.Where(one => one.Key != Guid.Empty)
            .MinBy(one => (one.Value.LastSeen, one.Key.ToString("N")));
        _sources.Remove(oldest.Key);
        Add(Guid.Empty, oldest.Value);
    }

    public void Add(LogTally tally) => Add(
        tally.Source, new(tally.Archived, tally.Further, (long)tally.MessageBytes, tally.LastAccepted));
}
