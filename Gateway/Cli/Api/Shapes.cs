namespace AMA.Gateway.Cli.Api;

// What the verbs show of the REST gateway's answers (docs/api.md); members they don't show are left out.

internal sealed record Tenant(
    string Name, string Region, string[] JournalAddresses, string[]? JournalDomains = null, bool Suspended = false,
    long? MessageBytesMax = null, int? MessagesPerMinuteMax = null, MadeSource[]? Sources = null);

internal sealed record MadeSource(
    string Id, string Kind, string? User = null, string? Password = null, string? Cidr = null, string? Sha256 = null,
    int? ExpectedSeconds = null, SourceCounts? Counts = null)
{
    public override string ToString() => "[source]";
}

internal sealed record SourceCounts(
    long Accepted, long Archived, long Duplicates, long Waiting, long Bytes, DateTimeOffset? LastSeen,
    DateTimeOffset? SilentSince);

internal sealed record MailSources(MadeSource[] Items);

internal sealed record MadeUser(
    string User, string Role, string[] Addresses, string? Password, bool Disabled = false,
    bool MustChangePassword = false, bool SecondFactor = false, string? ProposedRole = null, string? ProposedBy = null);

internal sealed record Users(MadeUser[] Items);

internal sealed record Session(string Token, DateTimeOffset ExpiresAt, string? Renewal, DateTimeOffset? SessionEndsAt);

internal sealed record SecondFactor(string Secret, string Address);

internal sealed record Confirmed(string[] RecoveryCodes, Session Session);

internal sealed record NewCodes(string[] RecoveryCodes);

internal sealed record OpenSession(string Id, DateTimeOffset OpenedAt, DateTimeOffset EndsAt, string? From, bool Own);

internal sealed record OpenSessions(OpenSession[] Items);

internal sealed record Receipt(
    string State, string? WaitsFor = null, string? Record = null, bool Duplicate = false, string? Source = null,
    DateTime? AcceptedAt = null, DateTime? ArchivedAt = null, string? Reason = null);

internal sealed record Reconciliations(Reconciliation[] Items);

internal sealed record Reconciliation(
    string Day, string State, long Accepted, long Archived, long Duplicates, long Quarantined, long Waiting);

/// <summary>A line of a day's file; only the last has <paramref name="End"/>.</summary>
internal sealed record DayFileLine(
    string? Receipt = null, string? Outcome = null, string? MessageId = null, string? JournaledId = null, bool End = false);

internal sealed record MessageItem(
    string Id, string Subject, string From, string[] To, DateTimeOffset? Date, DateTimeOffset ReceivedAt, long Size,
    string[] Attachments);

internal sealed record MessagePage(MessageItem[] Items, long Total, string? Next);

internal sealed record Attachment(string Name, string ContentType, long Size);

internal sealed record Message(
    string Id, string Subject, string From, string[] To, DateTimeOffset? Date, DateTimeOffset ReceivedAt, long Size,
    Attachment[] Attachments, string Text, string[] Flags);

internal sealed record Spool(long Entries, double OldestSeconds, double? FreePercent = null, bool AllRead = true);

internal sealed record Lease(string State, DateTimeOffset? ExpiresAt);

internal sealed record Counters(
    long Accepted, long Archived, long Duplicates, long Quarantined, long Indexed, Spool Spool, Lease Lease,
    int SilentSources = 0, Alarm[]? Alarms = null)
{
    /// <summary>Nothing waits: every message taken is archived and found.</summary>
    public bool Drained => Spool is { Entries: 0, AllRead: true } && Indexed == Archived;
}

internal sealed record Alarm(
    string Kind, DateTimeOffset Since, string? Tenant = null, string? Source = null, string? Gateway = null,
    ulong? First = null, ulong? Last = null);

/// <param name="Good">False: an operator should do something.</param>
internal sealed record ControlLine(string Name, string Value, bool Good);

internal sealed record ControlReport(bool Good, ControlLine[] Lines);

internal sealed record RootMove(string Store, string From, string To, string Next, DateTimeOffset? FinalAt);

internal sealed record RootKeyLine(string Name, uint Version);

internal sealed record RevocationList(RevocationLine[] Revocations);

internal sealed record RevocationLine(string Kind, Guid? Subject, string? Silo, bool Held, DateTimeOffset At);

internal sealed record AuditPage(AuditItem[] Items, string? Next, string Checkpoint, string VerifierKey);

internal sealed record AuditItem(long Index, string Record, string Salt, string[] Path);

internal sealed record ControlAuditPage(ControlAuditItem[] Items, string? Next);

internal sealed record ControlAuditItem(long Index, System.Text.Json.JsonElement Entry);

internal sealed record AuditVerdict(bool Holds, string[] Findings);

internal sealed record Jobs(Job[] Items);

internal sealed record Job(
    string Id, string Purpose, uint FirstEpoch, uint LastEpoch, int RecordsPerMinute, string OpenedBy,
    DateTimeOffset EndsAt, bool Open, long RecordsOpened, long Done = 0, long Total = 0, string Fault = "",
    DateTimeOffset? FinishedAt = null);

internal sealed record Orders(Order[] Items);

internal sealed record Order(
    string Id, string[] Records, string OpenedBy, DateTimeOffset OpenedAt, string? ApprovedBy, DateTimeOffset? UnreadableAt,
    string? Refusal, string Kind, uint Epoch);

internal sealed record Exports(Export[] Items);

internal sealed record Export(
    string Id, int Records, string LegalBasisSha256, string OpenedBy, DateTimeOffset EndsAt, string[] ApprovedBy,
    bool Approved);

internal sealed record Erasures(Erasure[] Items);

internal sealed record Erasure(
    string Id, string[] Records, string OpenedBy, string? ApprovedBy, DateTimeOffset? UnreadableAt,
    DateTimeOffset? FinalAt, string? Refusal);

internal sealed record LeasePolicy(int? TtlSeconds, int RegionTtlSeconds);
