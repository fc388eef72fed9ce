using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Archive;

/// <summary>
/// Questions of signed-in people, answered on a back-end silo. Key: tenant id (32 hex digits), which must be that of
/// the access token; the token is verified on every call. Refusals are <see cref="ArchiveException"/>. Every method
/// reads and changes nothing of the grain's, so they interleave; a stateless worker it cannot be, because the next
/// piece of <see cref="Raw"/> must be asked of the activation that gave the one before.
/// </summary>
[Alias("ama.archive.search")]
public interface ISearchGrain : IGrainWithStringKey
{
    /// <summary>Newest first. <paramref name="cursor"/>: <see cref="MessagePage.Next"/> of the page before, or null.</summary>
    [Alias("search"), AlwaysInterleave]
    Task<MessagePage> Search(string accessToken, string query, int limit, string? cursor);

    /// <summary>One message with text and attachments' names. Not found and not allowed look the same.</summary>
    [Alias("message"), AlwaysInterleave] Task<MessageView> Message(string accessToken, Guid recordId);

    /// <summary>The message's bytes as they came, in pieces of at most 128 KiB.</summary>
    [Alias("raw"), AlwaysInterleave] IAsyncEnumerable<RawPiece> Raw(string accessToken, Guid recordId);

    [Alias("status"), AlwaysInterleave] Task<StatusView> Status(string accessToken);

    /// <summary>A hint that an order to erase was approved. Losing it costs minutes, nothing else.</summary>
    [Alias("look-for-erasures"), AlwaysInterleave] Task LookForErasures(string accessToken);
}

/// <summary>A region's totals, for operators: health, never content. Key: the region.</summary>
[Alias("ama.archive.region")]
public interface IRegionGrain : IGrainWithStringKey
{
    [Alias("status"), AlwaysInterleave] Task<StatusView> Status(string accessToken);

    /// <summary>
    /// What came from each of a tenant's sources: counts and times. For an operator, and for the tenant's own admins,
    /// auditors and officers. NotAllowed, NotFound for others.
    /// </summary>
    [Alias("sources"), AlwaysInterleave] Task<SourceCountView[]> Sources(string accessToken, Guid tenant);

    /// <summary>The alarms of one tenant that last; for anybody who is signed in there.</summary>
    [Alias("alarms"), AlwaysInterleave] Task<AlarmView[]> Alarms(string accessToken, Guid tenant);

    /// <summary>Wakes the spool reader, and archives that a stop left behind their log. Called by every silo, often.</summary>
    [Alias("tend"), ResponseTimeout("00:05:00")] Task Tend();
}

[GenerateSerializer, Immutable, Alias("ama.archive.page")]
public sealed record MessagePage(
    [property: Id(0)] MessageItem[] Items, [property: Id(1)] long Total, [property: Id(2)] string? Next);

/// <param name="Id">The record id, ours.</param>
/// <param name="MessageId">The RFC 5322 header without brackets; empty when there is none.</param>
/// <param name="Date">The Date header; null when missing or unreadable.</param>
/// <param name="Size">Bytes as received.</param>
/// <param name="Attachments">File names.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.item")]
public sealed record MessageItem(
    [property: Id(0)] Guid Id, [property: Id(1)] string MessageId, [property: Id(2)] string Subject,
    [property: Id(3)] string From, [property: Id(4)] string[] To, [property: Id(5)] DateTimeOffset? Date,
    [property: Id(6)] DateTimeOffset ReceivedAt, [property: Id(7)] long Size, [property: Id(8)] string[] Attachments)
{
    /// <summary>Of the mail that a journal report is about, without brackets; empty when this is none.</summary>
    [Id(9)] public string JournaledId { get; init; } = "";
}

/// <param name="Flags">What was odd: "unparsed", "partly-indexed", "bare-line-ends", …</param>
[GenerateSerializer, Immutable, Alias("ama.archive.message")]
public sealed record MessageView(
    [property: Id(0)] MessageItem Item, [property: Id(1)] HeaderView[] Headers, [property: Id(2)] string Text,
    [property: Id(3)] AttachmentView[] Attachments, [property: Id(4)] DeliveryView[] Deliveries,
    [property: Id(5)] string[] Flags);

[GenerateSerializer, Immutable, Alias("ama.archive.header")]
public readonly record struct HeaderView([property: Id(0)] string Name, [property: Id(1)] string Value);

[GenerateSerializer, Immutable, Alias("ama.archive.attachment")]
public readonly record struct AttachmentView(
    [property: Id(0)] string Name, [property: Id(1)] string ContentType, [property: Id(2)] long Size);

/// <param name="Receipt">The id in the 250 of this acceptance.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.delivery")]
public sealed record DeliveryView(
    [property: Id(0)] string Receipt, [property: Id(1)] DateTimeOffset AcceptedAt, [property: Id(2)] string Sender,
    [property: Id(3)] string[] Recipients, [property: Id(4)] string ClientAddress, [property: Id(5)] string Tls);

[GenerateSerializer, Immutable, Alias("ama.archive.raw")]
public readonly record struct RawPiece([property: Id(0)] byte[] Bytes);

/// <summary>accepted = archived + duplicates + quarantined + the spool's entries, once every segment has been read.</summary>
/// <param name="Accepted">Deliveries.</param>
/// <param name="Archived">Records.</param>
/// <param name="Indexed">Records that a search finds.</param>
/// <param name="LeaseState">"held", "locked" or "none".</param>
/// <param name="SpoolFreePercent">As <see cref="SpoolView.FreePercent"/>.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.status")]
public sealed record StatusView(
    [property: Id(0)] long Accepted, [property: Id(1)] long Archived, [property: Id(2)] long Duplicates,
    [property: Id(3)] long Quarantined, [property: Id(4)] long Indexed, [property: Id(5)] long SpoolEntries,
    [property: Id(6)] double SpoolOldestSeconds, [property: Id(7)] string LeaseState,
    [property: Id(8)] DateTimeOffset? LeaseExpiresAt, [property: Id(9)] double? SpoolFreePercent = null)
{
    /// <summary>The first <see cref="AlarmsMax"/> of those that last.</summary>
    [Id(10)] public AlarmView[] Alarms { get; init; } = [];

    /// <summary>Sources of which something is expected and nothing comes.</summary>
    [Id(11)] public int SilentSources { get; init; }

    /// <summary>As <see cref="SpoolView.AllRead"/>.</summary>
    [Id(12)] public bool SpoolAllRead { get; init; } = true;

    /// <summary>More are a sum, and in the log.</summary>
    public const int AlarmsMax = 100;
}

/// <summary>What an operator, or a tenant, should see to.</summary>
/// <param name="Kind">One of <see cref="AlarmKinds"/>.</param>
/// <param name="Since">UTC.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.alarm")]
public sealed record AlarmView([property: Id(0)] string Kind, [property: Id(1)] DateTimeOffset Since)
{
    /// <summary>Of a silent source.</summary>
    [Id(2)] public Guid? Tenant { get; init; }

    [Id(3)] public Guid? Source { get; init; }

    /// <summary>Of a gap: the gateway id, and the numbers that are missing; the last one surely is.</summary>
    [Id(4)] public Guid? Gateway { get; init; }

    [Id(5)] public ulong? First { get; init; }

    [Id(6)] public ulong? Last { get; init; }
}

public static class AlarmKinds
{
    /// <summary>Nothing has come from a source for longer than expected.</summary>
    public const string SourceSilent = "source-silent";

    /// <summary>The queue has not been read to its end for minutes.</summary>
    public const string SpoolBehind = "spool-behind";

    /// <summary>Segments of a gateway that were durable are in no store.</summary>
    public const string SequenceGap = "sequence-gap";

    public static IReadOnlyList<string> All { get; } = [SourceSilent, SpoolBehind, SequenceGap];
}

/// <summary>accepted = archived + duplicates + waiting, of what was read.</summary>
/// <param name="Source">Empty: deliveries for which none was named, and sources of long ago.</param>
/// <param name="MessageBytes">Of what is archived and duplicate, as received.</param>
/// <param name="SilentSince">Null: it is not silent, or nothing is expected of it.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.source-count")]
public sealed record SourceCountView(
    [property: Id(0)] Guid Source, [property: Id(1)] long Archived, [property: Id(2)] long Duplicates,
    [property: Id(3)] long Waiting, [property: Id(4)] long MessageBytes, [property: Id(5)] DateTimeOffset? LastSeen,
    [property: Id(6)] DateTimeOffset? SilentSince)
{
    public long Accepted => Archived + Duplicates + Waiting;
}

public enum ArchiveRefusal
{
    /// <summary>401: no valid access token.</summary>
    NotSignedIn,
    /// <summary>403: the role doesn't allow it.</summary>
    NotAllowed,
    /// <summary>404: not there, or not this person's.</summary>
    NotFound,
    /// <summary>400: the query or cursor can't be read; the message says where and why.</summary>
    BadQuery,
    /// <summary>423: no key lease now; Control is away or has said no. Mail is accepted all the same.</summary>
    Locked,
    /// <summary>503: ours, for now.</summary>
    Unavailable,
}

[GenerateSerializer, Alias("ama.archive.exception")]
public sealed class ArchiveException(ArchiveRefusal refusal, string message) : Exception(message)
{
    [Id(0)] public ArchiveRefusal Refusal { get; } = refusal;
}
