namespace AMA.Gateway.Web.Deliveries;

/// <summary>What became of an acceptance.</summary>
/// <param name="Receipt">The text in the 250.</param>
/// <param name="State">"accepted", "archived", "erased" or "quarantined".</param>
/// <param name="WaitsFor">Of an accepted one: "turn" (others are before it) or "lease" (the archive is locked).</param>
/// <param name="Record">The message's id in the archive; not told to operators.</param>
/// <param name="Duplicate">The same bytes were in the archive before: the record is theirs.</param>
/// <param name="Source">Id of the source it came from; null when its gateway knew none.</param>
/// <param name="AcceptedAt">When the end of the message was read (UTC).</param>
/// <param name="ArchivedAt">When it was committed (UTC).</param>
/// <param name="Reason">Of a quarantined one: why it can't be opened, and what to do.</param>
public sealed record ReceiptShape(
    string Receipt, string State, string? WaitsFor, string? Record, bool Duplicate, string? Source,
    DateTime? AcceptedAt, DateTime? ArchivedAt, string? Reason);

/// <summary>Days of acceptance, newest first.</summary>
/// <param name="Items">The days.</param>
public sealed record ReconciliationsShape(ReconciliationShape[] Items);

/// <summary>A day of acceptance (UTC): accepted = archived + duplicates + quarantined + waiting.</summary>
/// <param name="Day">2026-11-24.</param>
/// <param name="State">"final": the day is over and the queue has nothing that old; else "provisional".</param>
/// <param name="Accepted">The sum of the others.</param>
/// <param name="Archived">New records.</param>
/// <param name="Duplicates">Deliveries of bytes that were already a record.</param>
/// <param name="Quarantined">Segments of the whole region that nobody can open, put aside on that day: they may hold mail
/// of this tenant.</param>
/// <param name="Waiting">Durable in the queue, not archived yet.</param>
public sealed record ReconciliationShape(
    string Day, string State, long Accepted, long Archived, long Duplicates, long Quarantined, long Waiting);
