using AMA.Archive.Blobs;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Watches that no number is missing in a gateway's row. What was finished is remembered durably before its segment is
/// deleted; what was only read is not, so that a segment which vanishes before it is archived is missed after a restart
/// too. A gap counts once a look at every store that began after it was seen has left nothing unread. For the spool
/// reader's turns.
/// </summary>
public sealed class RowWatch(RowStore store, TimeProvider time, ILogger<RowWatch> log)
{
    /// <summary>Gaps that are remembered; when there are more, somebody empties the queue, and these say so.</summary>
    public const int GapsMax = 1_000;

    /// <summary>
    /// Longer than any queue key lives: no segment of a row that was silent for so long can be read any more. Its gaps
    /// go with it.
    /// </summary>
    public static readonly TimeSpan RowLife = TimeSpan.FromDays(100);

    private const int SaveTriesMax = 3;

    private readonly Dictionary<Guid, DateTimeOffset> _heard = [];
    private SegmentRows _finished = new();
    private List<KnownGap> _gaps = [];
    private DateTimeOffset? _lostBefore;
    private bool _loaded;

    public IReadOnlyList<KnownGap> Gaps => _gaps;

    /// <summary>What is remembered was lost of late: how rows began that are older can't be known.</summary>
    private bool Blind => _lostBefore is { } at && time.GetUtcNow() - at < RowLife;

    /// <summary>Reads what is remembered; a new activation of the spool reader begins with it.</summary>
    public async Task LoadAsync(bool again = false)
    {
        if (_loaded && !again) return;
        var (file, lost) = await store.LoadAsync(time.GetUtcNow());
        if (lost) SpoolLog.RowsLost(log);
        (_finished, _gaps, _lostBefore) = (new(), [.. file.Gaps], file.LostBefore);
        _heard.Clear();
        foreach (var row in file.Rows)
        {
            foreach (var span in row.Ends.Chunk(2)) _finished.Cover(row.Gateway, span[0], span[^1]);
            _heard[row.Gateway] = row.HeardAt;
        }
        _loaded = true;
    }

    /// <summary>Gaps in what is finished and what is known; they may be of segments that are not read yet.</summary>
    public IReadOnlyCollection<RowGap> Suspects(IEnumerable<RowPlace> known) =>
        [.. _finished.With(known).Gaps().Where(gap => gap.First > 1 || !Blind)];

    /// <summary>After a complete look: what was suspected before it and still is, is missing.</summary>
    public async Task ConfirmAsync(IReadOnlyCollection<RowGap> before, IEnumerable<RowPlace> known)
    {
        var ends = before.Select(gap => (gap.Gateway, gap.Last)).ToHashSet();
        var missing = Suspects(known).Where(gap => ends.Contains((gap.Gateway, gap.Last))).ToArray();
        if (missing.Length == 0) return;
        var now = time.GetUtcNow();
        // Written by others meanwhile: they know better what was finished. The next look decides.
        if (!await TrySaveAsync(
            rows => Array.ForEach(missing, gap => rows.Cover(gap.Gateway, gap.First - 1, gap.Last)),
            gaps => gaps.Concat(missing.Select(gap => new KnownGap(gap.Gateway, gap.First, gap.Last, now))))) return;
        foreach (var gap in missing) SpoolLog.NumbersMissing(log, gap.Gateway, gap.First, gap.Last);
    }

    /// <summary>
    /// Remembers these for good; only then may their segments be deleted. What had been missing and has turned up is
    /// taken off the gaps.
    /// </summary>
    public async Task FinishedAsync(IReadOnlyCollection<RowPlace> finished)
    {
        await LoadAsync();
        RowPlace[] places = [.. finished.Where(place => !_finished.Covers(place) || _gaps.Any(gap => gap.Holds(place)))];
        if (places.Length == 0) return;
        var found = places.Where(place => _gaps.Any(gap => gap.Holds(place))).ToArray();
        foreach (var place in places) _heard[place.Gateway] = time.GetUtcNow();
        for (var tries = 1; !await TrySaveAsync(
            rows => Array.ForEach(places, rows.Cover),
            gaps => found.Aggregate(gaps, (left, place) => left.SelectMany(gap => gap.Without(place)))); tries++)
        {
            if (tries == SaveTriesMax)
                throw new BlobStoreException($"{RowStore.Name} is written by others", transient: true);
        }
        foreach (var place in found) SpoolLog.NumberFound(log, place.Gateway, place.Sequence);
    }

    /// <summary>False: others wrote it meanwhile, and theirs was loaded.</summary>
    private async Task<bool> TrySaveAsync(
        Action<SegmentRows> cover, Func<IEnumerable<KnownGap>, IEnumerable<KnownGap>> change)
    {
        var rows = _finished.With([]);
        cover(rows);
        if (Blind)
            foreach (var gap in rows.Gaps().Where(gap => gap.First == 1).ToArray()) rows.Cover(gap.Gateway, 0, gap.Last);
        var gaps = change(_gaps).Take(GapsMax).ToList();
        ForgetOld(rows, gaps);
        if (!await store.SaveAsync(FileOf(rows, gaps)))
        {
            await LoadAsync(again: true);
            return false;
        }
        (_finished, _gaps) = (rows, gaps);
        return true;
    }

    private void ForgetOld(SegmentRows rows, List<KnownGap> gaps)
    {
        foreach (var (gateway, _) in _heard.Where(row => time.GetUtcNow() - row.Value > RowLife).ToArray())
        {
            rows.Forget(gateway);
            gaps.RemoveAll(gap => gap.Gateway == gateway);
            _heard.Remove(gateway);
        }
    }

    private RowsFile FileOf(SegmentRows rows, IEnumerable<KnownGap> gaps) => new(
        [.. rows.Rows.Select(row => new RowEntry(
            row.Gateway, _heard.GetValueOrDefault(row.Gateway, time.GetUtcNow()), row.Ends))],
        [.. gaps], _lostBefore);
}
