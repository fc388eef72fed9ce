using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Grains.Archive.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Spool;

/// <summary>A segment that was read for the first time, and whose each record is.</summary>
public sealed record ReadSegment(
    SegmentWork Work, IReadOnlyList<(TenantId Tenant, MailboxId Mailbox, WaitingRecord Record)> Records);

/// <summary>Finds segments in the spool stores and learns whose records they hold.</summary>
public sealed class SpoolIntake(
    SpoolStores spool, SegmentShelf shelf, QueueTrust trust, StorePair stores, ILogger<SpoolIntake> log)
{
    /// <summary>References kept in memory; beyond it segments wait unread in their stores.</summary>
    private const int SegmentsPerRoundMax = 256;

    public long Quarantined { get; private set; }

    /// <summary>Segments in the stores that are neither being worked on nor done.</summary>
    public async Task<long> CountUnreadAsync(Func<SegmentId, bool> isKnown) =>
        (await ListAsync(isKnown, int.MaxValue)).Count;

    /// <summary>Checks and opens new segments. One that no copy of opens goes to quarantine; one that was done is deleted.</summary>
    public async IAsyncEnumerable<ReadSegment> ReadNewAsync(Func<SegmentId, bool> isKnown)
    {
        await trust.EnsureLeaseAsync();
        foreach (var id in await ListAsync(isKnown, SegmentsPerRoundMax))
        {
            if (await ReadAsync(id) is { } read) yield return read;
        }
    }

    private async Task<List<SegmentId>> ListAsync(Func<SegmentId, bool> isKnown, int most)
    {
        var found = new SortedDictionary<string, SegmentId>(StringComparer.Ordinal);
        foreach (var store in spool.All)
        {
            try
            {
                await foreach (var blob in store.ListAsync(SegmentNames.Prefix, null, default))
                {
                    if (SegmentNames.TryParse(blob.Name, out var id) && !isKnown(id)) found[blob.Name] = id;
                    if (found.Count >= most) break;
                }
            }
            catch (BlobStoreException e)
            {
                SpoolLog.StoreAway(log, e.Message);
            }
        }
        return [.. found.Values];
    }

    private async Task<ReadSegment?> ReadAsync(SegmentId id)
    {
        if (await stores.Primary.StatAsync(SegmentNames.DoneOf(id), default) is not null)
        {
            // A late copy, or a crash between mark and deletion: it must not bring mail back.
            await DeleteAsync(id);
            return null;
        }
        try
        {
            var segment = await shelf.GetAsync(id);
            var records = new List<(TenantId, MailboxId, WaitingRecord)>(segment.Records.Count);
            foreach (var record in segment.Records)
            {
                var envelope = await segment.EnvelopeAsync(record.RecNo, default);
                // One grain handles a record, that of its first mailbox; all recipients are in the envelope.
                records.Add((envelope.Tenant, envelope.Recipients[0].Mailbox,
                    new(new(id, record.RecNo), (int)Math.Min(record.PlainLength, int.MaxValue))));
            }
            var perTenant = records.GroupBy(r => r.Item1).ToDictionary(g => g.Key, g => g.Count());
            return new(new(id, segment.Verified.Head.Created, perTenant), records);
        }
        catch (SegmentException e) when (e.Fault is SegmentFault.QueueKeyUnknown)
        {
            SpoolLog.KeyMissing(log, id, e.Message);
            return null;
        }
        catch (Exception e) when (e is SegmentException or EnvelopeException)
        {
            await QuarantineAsync(id, e);
            return null;
        }
    }

    /// <summary>Keeps the segment for people to look at, with the reason, and takes it out of the queue.</summary>
    private async Task QuarantineAsync(SegmentId id, Exception fault)
    {
        SpoolLog.Quarantined(log, id, fault);
        foreach (var store in spool.All)
        {
            if (await store.GetAsync(SegmentNames.Of(id), default) is not { } copy) continue;
            await stores.Primary.PutIfAbsentAsync($"quarantine/{id}.amq1", copy.Content, default);
            Quarantined++;
            await stores.Primary.PutIfAbsentAsync(SegmentNames.DoneOf(id), "quarantined\n"u8.ToArray(), default);
            await DeleteAsync(id);
            return;
        }
    }

    private async Task DeleteAsync(SegmentId id)
    {
        foreach (var store in spool.All)
            await store.DeleteAsync(SegmentNames.Of(id), default);
    }
}
