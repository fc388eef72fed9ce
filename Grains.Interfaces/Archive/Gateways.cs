using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Archive;

/// <summary>Relays Control's signed documents to gateways, which trust the signature, not the relay. Key: the region.</summary>
[Alias("ama.archive.relay")]
public interface IRelayGrain : IGrainWithStringKey
{
    /// <summary>
    /// The documents as soon as their directory version is above <paramref name="knownVersion"/>, or null after a
    /// second without news. Asking again with a version acknowledges it.
    /// </summary>
    [Alias("next"), AlwaysInterleave] Task<RelayedDocuments?> Next(Guid gateway, long knownVersion);

    /// <summary>Returns when every gateway that asked lately knows <paramref name="version"/>, at the latest after 5 s.</summary>
    [Alias("publish"), AlwaysInterleave] Task<bool> Publish(long version);
}

[GenerateSerializer, Immutable, Alias("ama.archive.relayed")]
public sealed record RelayedDocuments(
    [property: Id(0)] long DirectoryVersion, [property: Id(1)] byte[] Directory, [property: Id(2)] byte[] QueueKeys);

/// <summary>The only way in: reads the spool stores. Key: the region.</summary>
[Alias("ama.archive.spool-reader")]
public interface ISpoolReaderGrain : IGrainWithStringKey
{
    /// <summary>A gateway's hint that a segment is there. Losing it costs a second, nothing else.</summary>
    [Alias("wake"), OneWay, AlwaysInterleave] Task Wake();

    /// <summary>
    /// Entries not yet archived, of one tenant or (null) of all. A segment not yet read is nobody's and counts as one, for
    /// all together.
    /// </summary>
    [Alias("status"), AlwaysInterleave] Task<SpoolView> Status(Guid? tenant);

    /// <summary>By source what was read and waits, of one tenant or (null) of all, and how far the reader is.</summary>
    [Alias("sources"), AlwaysInterleave] Task<SpoolSources> Sources(Guid? tenant);

    /// <summary>
    /// One acceptance whose segment is still in the queue, archived meanwhile or not; null: it isn't there, or is another
    /// tenant's. Throws <see cref="ArchiveException"/>: Locked (without the queue's key nobody can say), Unavailable.
    /// </summary>
    /// <param name="tenant">Null: whosever it is.</param>
    [Alias("find"), AlwaysInterleave] Task<QueuedView?> Find(Guid segment, uint recNo, Guid? tenant);

    /// <summary>A tenant's deliveries that wait, oldest first.</summary>
    [Alias("queued"), AlwaysInterleave] Task<QueueView> Queued(Guid tenant);
}

/// <param name="LookedAt">
/// When the last look at every store began that left nothing unread: all that was accepted before is counted, here or in
/// an archive. Null: there was none yet.
/// </param>
/// <param name="BehindSeconds">Since that look, or the reader's start, or the oldest waiting message; the longest.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.spool-sources")]
public sealed record SpoolSources(
    [property: Id(0)] DateTimeOffset? LookedAt, [property: Id(1)] double BehindSeconds,
    [property: Id(2)] WaitingSource[] Waiting);

/// <param name="Source">Empty: none was named.</param>
/// <param name="LastAccepted">The newest of them.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.waiting-source")]
public readonly record struct WaitingSource(
    [property: Id(0)] Guid Tenant, [property: Id(1)] Guid Source, [property: Id(2)] long Waiting,
    [property: Id(3)] DateTimeOffset LastAccepted);

/// <param name="Source">The tenant's source; empty: the gateway named none.</param>
/// <param name="Bytes">Envelope and message.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.queued")]
public sealed record QueuedView(
    [property: Id(0)] Guid Segment, [property: Id(1)] uint RecNo, [property: Id(2)] Guid Tenant,
    [property: Id(3)] Guid Source, [property: Id(4)] DateTimeOffset AcceptedAt, [property: Id(5)] int Bytes);

/// <param name="OldestUnread">When the oldest of the segments was made that nobody has opened yet; null: there is none.
/// The beginning of time: nobody can say.</param>
/// <param name="IsCut">There are more than were named.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.queue")]
public sealed record QueueView(
    [property: Id(0)] QueuedView[] Waiting, [property: Id(1)] DateTimeOffset? OldestUnread,
    [property: Id(2)] bool IsCut);

/// <param name="FreePercent">
/// Of the fullest spool store, space or inodes; null: no store can say. Of the region only, not of a tenant.
/// </param>
[GenerateSerializer, Immutable, Alias("ama.archive.spool")]
public sealed record SpoolView(
    [property: Id(0)] long Entries, [property: Id(1)] double OldestSeconds, [property: Id(2)] long Quarantined,
    [property: Id(3)] double? FreePercent = null)
{
    /// <summary>Numbers that are missing in gateways' rows; of the region only.</summary>
    [Id(4)] public AlarmView[] Gaps { get; init; } = [];

    /// <summary>Nothing lies unread: what isn't counted is not there.</summary>
    [Id(5)] public bool AllRead { get; init; } = true;
}
