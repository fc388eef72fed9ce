using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>A segment that was read for the first time, and whose each record is.</summary>
public sealed record ReadSegment(
    SegmentWork Work, IReadOnlyList<(TenantId Tenant, MailboxId Mailbox, WaitingRecord Record)> Records);

/// <summary>Finds segments in the spool stores and learns whose records they hold.</summary>
public sealed class SpoolIntake(
    SegmentMarks marks, SegmentShelf shelf, Quarantine quarantine, TimeProvider time, ILogger<SpoolIntake> log)
{
    /// <summary>References kept in memory; beyond it segments wait unread in their stores.</summary>
    private const int SegmentsPerRoundMax = 256;

    private static readonly TimeSpan RestAfterFault = TimeSpan.FromSeconds(15);

    private readonly Dictionary<SegmentId, long> _resting = [];

    /// <summary>
    /// The last time <see cref="ReadNewAsync"/> looked, it listed every store to its end and left nothing unread: what
    /// isn't known then is in no store.
    /// </summary>
    public bool LookedAtAll { get; private set; }

    public Task<long> CountQuarantinedAsync() => quarantine.CountAsync();

    /// <summary>Of the fullest store, space or inodes; null: none of them can say now.</summary>
    public async Task<double?> FreePercentAsync()
    {
        double? least = null;
        foreach (var store in marks.Spool.OfType<IFiniteStore>())
        {
            try
            {
                var percent = (await store.SpaceAsync(default)).Percent;
                least = Math.Min(percent, least ?? percent);
            }
            catch (BlobStoreException e)
            {
                SpoolLog.StoreAway(log, e.Message);
            }
        }
        return least;
    }

    /// <summary>Segments in the stores that are neither being worked on nor done.</summary>
    public async Task<long> CountUnreadAsync(Func<SegmentId, bool> isKnown) =>
        (await ListAsync(isKnown, int.MaxValue)).Found.Count;

    /// <summary>
    /// Checks and opens new segments, under a live queue lease. One that no copy of opens goes to quarantine; one that
    /// was done is deleted; one that can't be read now waits and holds up no other.
    /// </summary>
    public async IAsyncEnumerable<ReadSegment> ReadNewAsync(Func<SegmentId, bool> isKnown)
    {
        foreach (var rested in _resting.Where(r => time.GetElapsedTime(r.Value) > RestAfterFault).ToArray())
            _resting.Remove(rested.Key);
        LookedAtAll = false;
        var (found, whole) = await ListAsync(id => isKnown(id) || _resting.ContainsKey(id), SegmentsPerRoundMax);
        foreach (var id in found)
        {
            if (await ReadAsync(id) is { } read) yield return read;
        }
        LookedAtAll = whole && _resting.Count == 0;
    }

    /// <summary>Whole: every store was listed to its end.</summary>
    private async Task<(List<SegmentId> Found, bool Whole)> ListAsync(Func<SegmentId, bool> isKnown, int most)
    {
        var whole = true;
        var found = new SortedDictionary<string, SegmentId>(StringComparer.Ordinal);
        foreach (var store in marks.Spool)
        {
            try
            {
                await foreach (var blob in store.ListAsync(SegmentNames.Prefix, null, default))
                {
                    if (SegmentNames.TryParse(blob.Name, out var id) && !isKnown(id)) found[blob.Name] = id;
                    if (found.Count < most) continue;
                    whole = false;
                    break;
                }
            }
            catch (BlobStoreException e)
            {
                SpoolLog.StoreAway(log, e.Message);
                whole = false;
            }
        }
        return ([.. found.Values], whole);
    }

    private async Task<ReadSegment?> ReadAsync(SegmentId id)
    {
        try
        {
            return await ReadOrQuarantineAsync(id);
        }
        catch (Exception e) when (e is ArchiveException or BlobStoreException
            or SegmentException { Fault: SegmentFault.QueueKeyUnknown })
        {
            _resting[id] = time.GetTimestamp();
            SpoolLog.SegmentWaits(log, id, e.Message);
            return null;
        }
    }

    private async Task<ReadSegment?> ReadOrQuarantineAsync(SegmentId id)
    {
        if (await marks.IsDoneAsync(id))
        {
            // A late copy, or a crash between mark and deletion: it must not bring mail back.
            await marks.DeleteAsync(id);
            return null;
        }
        try
        {
            return await TryTwiceAsync(id);
        }
        catch (Exception e) when (IsDamage(e))
        {
            await quarantine.PutAsync(id, e);
            return null;
        }
    }

    /// <summary>
    /// A lease that ends while a segment is opened makes a whole one look damaged: only what fails twice is.
    /// </summary>
    private async Task<ReadSegment> TryTwiceAsync(SegmentId id)
    {
        try
        {
            return await ReadRecordsAsync(id);
        }
        catch (Exception e) when (IsDamage(e) || e is ObjectDisposedException)
        {
            shelf.Drop(id);
            return await ReadRecordsAsync(id);
        }
    }

    private static bool IsDamage(Exception e) =>
        e is EnvelopeException or SegmentException { Fault: not SegmentFault.QueueKeyUnknown };

    private async Task<ReadSegment> ReadRecordsAsync(SegmentId id)
    {
        var segment = await shelf.GetAsync(id);
        var records = new List<(TenantId, MailboxId, WaitingRecord)>(segment.Records.Count);
        foreach (var record in segment.Records)
        {
            var envelope = await segment.EnvelopeAsync(record.RecNo, default);
            // One grain handles a record, that of its first mailbox; all recipients are in the envelope.
            records.Add((envelope.Tenant, envelope.Recipients[0].Mailbox,
                new(new(id, record.RecNo), (int)Math.Min(record.PlainLength, int.MaxValue),
                    envelope.Trace.Source ?? Guid.Empty, envelope.Trace.AcceptedAt)));
        }
        var head = segment.Verified.Head;
        var place = new RowPlace(head.GatewayId, segment.Verified.Sequence, segment.Verified.LastAcknowledged);
        var perTenant = records.GroupBy(r => r.Item1).ToDictionary(g => g.Key, g => g.Count());
        return new(new(id, head.Created, place, perTenant), records);
    }
}
