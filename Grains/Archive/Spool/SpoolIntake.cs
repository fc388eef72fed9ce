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

    /// <summary>Records in quarantine: a tenant's, as far as they are known, or (null) all.</summary>
    public Task<long> CountQuarantinedAsync(TenantId? tenant) => marks.Owners.CountAsync(tenant);

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
    /// When the oldest of the segments was made that are neither being worked on nor done, by their heads; null: there is
    /// none. The beginning of time: there are very many, or one can't be asked.
    /// </summary>
    public async Task<DateTimeOffset?> OldestUnreadAsync(Func<SegmentId, bool> isKnown)
    {
        var (unread, whole) = await ListAsync(isKnown, SegmentsPerRoundMax);
        if (!whole || unread.Count >= SegmentsPerRoundMax) return DateTimeOffset.MinValue;
        DateTimeOffset? oldest = null;
        foreach (var id in unread)
            if (await CreatedAsync(id) is { } created && !(created >= oldest)) oldest = created;
        return oldest;
    }

    /// <summary>Null: it was finished meanwhile.</summary>
    private async Task<DateTimeOffset?> CreatedAsync(SegmentId id)
    {
        foreach (var store in marks.Spool)
        {
            try
            {
                var head = new byte[SegmentHead.Bytes];
                var read = await store.ReadAsync(SegmentNames.Of(id), 0, head, default);
                return SegmentHead.Read(head.AsSpan(0, read)).Created;
            }
            catch (BlobNotFoundException)
            {
                // In another store, or finished.
            }
            catch (Exception e) when (e is BlobStoreException or SegmentException)
            {
                return DateTimeOffset.MinValue;
            }
        }
        return null;
    }

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
            await marks.Owners.NoteAsync(id, await shelf.SalvageAsync(id));
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
        var told = new List<SpoolRecord>(segment.Records.Count);
        foreach (var record in segment.Records)
        {
            var envelope = await segment.EnvelopeAsync(record.RecNo, default);
            var bytes = (int)Math.Min(record.PlainLength, int.MaxValue);
            // One grain handles a record, that of its first mailbox; all recipients are in the envelope.
            var one = Told(envelope, bytes);
            records.Add((envelope.Tenant, envelope.Recipients[0].Mailbox,
                new(new(id, record.RecNo), bytes, one.Source, one.AcceptedAt)));
            told.Add(one);
        }
        var head = segment.Verified.Head;
        var place = new RowPlace(head.GatewayId, segment.Verified.Sequence, segment.Verified.LastAcknowledged);
        return new(new(id, head.Created, place, told), records);
    }

    private static SpoolRecord Told(Envelope envelope, int bytes) =>
        new(envelope.Tenant, envelope.Trace.Source ?? Guid.Empty, envelope.Trace.AcceptedAt, bytes);

    /// <summary>
    /// A record of a segment that was not read yet; null: no store has the segment, or it has no such record. Throws
    /// <see cref="ArchiveException"/> when a store can't say, or what it has can't be opened now.
    /// </summary>
    public async Task<SpoolRecord?> FindAsync(DeliveryId delivery)
    {
        try
        {
            if (!await IsThereAsync(delivery.Segment)) return null;
            var segment = await shelf.GetAsync(delivery.Segment);
            if (delivery.RecNo >= segment.Records.Count) return null;
            var bytes = (int)Math.Min(segment.Records[(int)delivery.RecNo].PlainLength, int.MaxValue);
            return Told(await segment.EnvelopeAsync(delivery.RecNo, default), bytes);
        }
        catch (Exception e) when (e is BlobStoreException or SegmentException or EnvelopeException)
        {
            throw new ArchiveException(
                ArchiveRefusal.Unavailable, "the queue can't be read through now; try again in a few seconds");
        }
    }

    private async Task<bool> IsThereAsync(SegmentId id)
    {
        foreach (var store in marks.Spool)
            if (await store.StatAsync(SegmentNames.Of(id), default) is not null) return true;
        return false;
    }
}
