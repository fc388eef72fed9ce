using System.Text.Json.Serialization;

namespace AMA.Gateway.Web.Jobs;

/// <summary>A maintenance job to open: what lets the back end open archived mail again.</summary>
/// <param name="Purpose">"reindex", "fsck-data" or "re-seal".</param>
/// <param name="FirstEpoch">The oldest retention part, inclusive: year × 12 + month − 1 of its expiry.</param>
/// <param name="LastEpoch">The newest, inclusive.</param>
/// <param name="RecordsPerMinute">How many records it may open within a minute, 1 to 1,000,000.</param>
/// <param name="EndsAt">Within 30 days.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewJobShape(
    string Purpose, uint FirstEpoch, uint LastEpoch, int RecordsPerMinute, DateTimeOffset EndsAt);

/// <summary>A maintenance job.</summary>
/// <param name="Id">Its id, 32 hex digits.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="FirstEpoch">The oldest retention part.</param>
/// <param name="LastEpoch">The newest.</param>
/// <param name="RecordsPerMinute">Its rate.</param>
/// <param name="OpenedBy">Who opened it.</param>
/// <param name="OpenedAt">When.</param>
/// <param name="EndsAt">When it ends by itself.</param>
/// <param name="Open">Whether it still gives keys.</param>
/// <param name="RecordsOpened">How many records it has opened.</param>
/// <param name="Done">Of a re-seal: records and further deliveries that are sealed anew, or were erased.</param>
/// <param name="Total">Of how many.</param>
/// <param name="Fault">Why it goes no further at present; empty: it does.</param>
/// <param name="FinishedAt">When all it was opened for was done; null: not yet, or it was ended before.</param>
public sealed record JobShape(
    string Id, string Purpose, uint FirstEpoch, uint LastEpoch, int RecordsPerMinute, string OpenedBy,
    DateTimeOffset OpenedAt, DateTimeOffset EndsAt, bool Open, long RecordsOpened, long Done, long Total, string Fault,
    DateTimeOffset? FinishedAt);

/// <summary>Jobs, newest first.</summary>
/// <param name="Items">The jobs.</param>
public sealed record JobsShape(JobShape[] Items);

/// <summary>Records of one retention part, by their leaves.</summary>
/// <param name="Epoch">The part.</param>
/// <param name="Generation">Of its key tree; 0 unless it was sealed anew.</param>
/// <param name="Leaves">The records' leaves.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExportPartShape(uint Epoch, uint Generation, uint[] Leaves);

/// <summary>A request to hand out records.</summary>
/// <param name="Parts">The records, at most 10,000; each part once.</param>
/// <param name="LegalBasisSha256">Of the document it rests on: 64 hex digits. The document stays with you.</param>
/// <param name="EndsAt">Within 30 days.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewExportShape(ExportPartShape[] Parts, string LegalBasisSha256, DateTimeOffset EndsAt);

/// <summary>An export request.</summary>
/// <param name="Id">Its id, 32 hex digits.</param>
/// <param name="Records">How many records it lists.</param>
/// <param name="LegalBasisSha256">Of the document it rests on.</param>
/// <param name="OpenedBy">The auditor who opened it.</param>
/// <param name="OpenedAt">When.</param>
/// <param name="EndsAt">When it ends.</param>
/// <param name="ApprovedBy">The officers who approved so far.</param>
/// <param name="Approved">True once an officer of each kind has.</param>
public sealed record ExportShape(
    string Id, int Records, string LegalBasisSha256, string OpenedBy, DateTimeOffset OpenedAt, DateTimeOffset EndsAt,
    string[] ApprovedBy, bool Approved);

/// <summary>Export requests, newest first.</summary>
/// <param name="Items">The requests.</param>
public sealed record ExportsShape(ExportShape[] Items);

/// <summary>How long leases of the tenant's keys last.</summary>
/// <param name="TtlSeconds">900 to 28,800; null: as the region has it.</param>
/// <param name="RegionTtlSeconds">The region's own setting, which bounds it.</param>
public sealed record LeasePolicyShape(int? TtlSeconds, int RegionTtlSeconds);

/// <summary>The tenant's wish.</summary>
/// <param name="TtlSeconds">900 to 28,800; null: as the region has it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewLeasePolicyShape(int? TtlSeconds);
