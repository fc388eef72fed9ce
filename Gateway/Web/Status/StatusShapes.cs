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
public sealed record StatusShape(
    long Accepted, long Archived, long Duplicates, long Quarantined, long Indexed, SpoolShape Spool, LeaseShape Lease);

/// <summary>The queue between SMTP and archive.</summary>
/// <param name="Entries">Messages waiting; a segment not yet read counts as one.</param>
/// <param name="OldestSeconds">How long the oldest has been waiting.</param>
/// <param name="FreePercent">
/// Space or inodes left in the fullest spool store, whichever is less; below AMA:Spool:FreePercentMin senders hear 452.
/// Null in a tenant's counters, and where a store can't say.
/// </param>
public sealed record SpoolShape(long Entries, double OldestSeconds, double? FreePercent);

/// <summary>Whether the archive holds its keys now.</summary>
/// <param name="State">"held", "locked" (searches answer 423) or "none" (nothing has needed it yet).</param>
/// <param name="ExpiresAt">Until when (UTC), unless renewed.</param>
public sealed record LeaseShape(string State, DateTime? ExpiresAt);
