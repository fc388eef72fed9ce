namespace AMA.Gateway.Web.Status;

/// <summary>
/// Counters: accepted = archived + duplicates + quarantined + the spool's entries, once all has been read.
/// </summary>
/// <param name="Accepted">Deliveries acknowledged with 250.</param>
/// <param name="Archived">Records.</param>
/// <param name="Duplicates">Deliveries of bytes that were already a record.</param>
/// <param name="Quarantined">What could not be opened and waits for an operator.</param>
/// <param name="Indexed">Records that a search finds.</param>
/// <param name="Spool">What is accepted and not yet archived.</param>
/// <param name="Lease">The key lease.</param>
/// <param name="SilentSources">Sources from which something is expected, and nothing has come for longer.</param>
/// <param name="Alarms">What lasts now, at most 100 of them.</param>
public sealed record StatusShape(
    long Accepted, long Archived, long Duplicates, long Quarantined, long Indexed, SpoolShape Spool, LeaseShape Lease,
    int SilentSources, AlarmShape[] Alarms);

/// <summary>Something to see to.</summary>
/// <param name="Kind">
/// "source-silent"; of the region also "spool-behind" (the queue was not read to its end for five minutes, or its oldest
/// message is older) and "sequence-gap" (accepted mail that is in no store).
/// </param>
/// <param name="Since">When it began, or was noticed (UTC).</param>
/// <param name="Tenant">The tenant's id, of a silent source.</param>
/// <param name="Source">The silent source's id.</param>
/// <param name="Gateway">Of a gap: the id of the gateway's row of segments.</param>
/// <param name="First">Of a gap: the first number that may be missing.</param>
/// <param name="Last">Of a gap: the number that surely is.</param>
public sealed record AlarmShape(
    string Kind, DateTime Since, string? Tenant, string? Source, string? Gateway, ulong? First, ulong? Last);

/// <summary>The queue between SMTP and archive.</summary>
/// <param name="Entries">
/// Messages waiting. A segment not yet read is nobody's yet: it counts as one of the region's, and in no tenant's counters.
/// </param>
/// <param name="OldestSeconds">How long the oldest has been waiting.</param>
/// <param name="FreePercent">
/// Space or inodes left in the fullest spool store, whichever is less; below AMA:Spool:FreePercentMin senders hear 452.
/// Null in a tenant's counters, and where a store can't say.
/// </param>
/// <param name="AllRead">Nothing lies unread: what is not counted is not there.</param>
public sealed record SpoolShape(long Entries, double OldestSeconds, double? FreePercent, bool AllRead);

/// <summary>Whether the archive holds its keys now.</summary>
/// <param name="State">"held", "locked" (searches answer 423) or "none" (nothing has needed it yet).</param>
/// <param name="ExpiresAt">Until when (UTC), unless renewed.</param>
public sealed record LeaseShape(string State, DateTime? ExpiresAt);
