using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>
/// Segments of which no copy opens, kept in the primary store for people to look at. Every copy is kept: what is broken
/// in one may be whole in the other.
/// </summary>
public sealed class Quarantine(
    SpoolStores spool, StorePair stores, SegmentMarks marks, TimeProvider time, ILogger<Quarantine> log)
{
    private const string Prefix = "quarantine/";

    /// <summary>How many were put aside on which day (UTC).</summary>
    public async Task<IReadOnlyDictionary<DateOnly, int>> DaysAsync()
    {
        var days = new Dictionary<DateOnly, int>();
        foreach (var segment in await ListAsync())
        {
            if ((await marks.ReadAsync(segment))?.Quarantine is not { } note) continue;
            var day = DateOnly.FromDateTime(note.At.UtcDateTime);
            days[day] = days.GetValueOrDefault(day) + 1;
        }
        return days;
    }

    private async Task<HashSet<SegmentId>> ListAsync()
    {
        var segments = new HashSet<SegmentId>();
        await foreach (var blob in stores.Primary.ListAsync(Prefix, null, default))
            segments.Add(SegmentId.Parse(blob.Name.Split('/')[1]));
        return segments;
    }

    public async Task PutAsync(SegmentId id, Exception fault)
    {
        SpoolLog.Quarantined(log, id, fault);
        var name = SegmentNames.Of(id);
        foreach (var (number, store) in spool.All.Index())
        {
            if (await store.StatAsync(name, default) is null) continue;
            await BlobCopy.CopyAsync(store, name, stores.Primary, $"{Prefix}{id}/{number}.amq1", default);
        }
        await marks.EndAsync(id, SegmentMark.OfQuarantined(time.GetUtcNow(), NameOf(fault)));
    }

    private static string NameOf(Exception fault) => fault switch
    {
        SegmentException segment => segment.Fault.ToString(),
        EnvelopeException envelope => envelope.Fault.ToString(),
        _ => fault.GetType().Name,
    };
}
