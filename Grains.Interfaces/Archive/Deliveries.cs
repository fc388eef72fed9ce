using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Archive;

/// <summary>
/// What became of a tenant's deliveries: docs/completeness.md. Key: tenant id, which must be that of the access token. For
/// auditors and tenant-admins. Refusals are <see cref="ArchiveException"/>.
/// </summary>
[Alias("ama.archive.deliveries")]
public interface IDeliveriesGrain : IGrainWithStringKey
{
    /// <summary>Null: not a receipt of this tenant's, whatever else it may be.</summary>
    [Alias("receipt"), AlwaysInterleave] Task<ReceiptView?> Receipt(string accessToken, string receipt);

    /// <summary>Days of acceptance (UTC) that have deliveries, newest first.</summary>
    [Alias("days"), AlwaysInterleave] Task<DayTotals[]> Days(string accessToken);

    /// <summary>One day's file (docs/formats/reconciliation.md) in pieces; for auditors. Throws NotFound for a day to come.
    /// </summary>
    [Alias("day"), AlwaysInterleave] IAsyncEnumerable<RawPiece> Day(string accessToken, DateOnly day);
}

/// <summary>What became of any delivery, for operators: its state, nothing of whose it is. Key: the region.</summary>
[Alias("ama.archive.region-receipts")]
public interface IRegionReceiptsGrain : IGrainWithStringKey
{
    [Alias("receipt"), AlwaysInterleave] Task<ReceiptView?> Receipt(string accessToken, string receipt);
}

public enum ReceiptState
{
    /// <summary>Durable in the queue.</summary>
    Accepted,
    Archived,
    /// <summary>Was archived; the log says that it is to be erased.</summary>
    Erased,
    /// <summary>No copy of its segment opens.</summary>
    Quarantined,
}

/// <param name="WaitsFor">Of accepted ones: "turn" or "lease".</param>
/// <param name="Record">Null for operators, and unless it is archived.</param>
/// <param name="IsDuplicate">The record's bytes were there before this delivery.</param>
/// <param name="Source">The tenant's source; empty: the gateway named none.</param>
/// <param name="Reason">Of quarantined ones: the fault's name.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.receipt")]
public sealed record ReceiptView
{
    [Id(0)] public required ReceiptState State { get; init; }
    [Id(1)] public string? WaitsFor { get; init; }
    [Id(2)] public Guid? Record { get; init; }
    [Id(3)] public bool IsDuplicate { get; init; }
    [Id(4)] public Guid? Source { get; init; }
    [Id(5)] public DateTimeOffset? AcceptedAt { get; init; }
    [Id(6)] public DateTimeOffset? ArchivedAt { get; init; }
    [Id(7)] public string? Reason { get; init; }
}

/// <param name="IsFinal">The day is over, and the queue has nothing of it any more.</param>
/// <param name="Quarantined">Segments of the region, put aside on that day: whose they are nobody can read.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.day-totals")]
public sealed record DayTotals(
    [property: Id(0)] DateOnly Day, [property: Id(1)] bool IsFinal, [property: Id(2)] long Archived,
    [property: Id(3)] long Duplicates, [property: Id(4)] long Quarantined, [property: Id(5)] long Waiting)
{
    public long Accepted => Archived + Duplicates + Quarantined + Waiting;
}

/// <param name="Batches">Null: not committed, or its segment's mark says more.</param>
/// <param name="IsLocked">The archive waits for a key lease.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.delivery-places")]
public sealed record DeliveryPlaces([property: Id(0)] ulong?[] Batches, [property: Id(1)] bool IsLocked);

/// <param name="NextBatch">All is counted that stands in batches below it, at one moment.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.days")]
public sealed record DaysView([property: Id(0)] ulong NextBatch, [property: Id(1)] DayView[] Days);

/// <param name="FirstBatch">The first log batch that holds a delivery of the day.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.day")]
public sealed record DayView(
    [property: Id(0)] DateOnly Day, [property: Id(1)] ulong FirstBatch, [property: Id(2)] ulong LastBatch,
    [property: Id(3)] DaySource[] Sources);

/// <param name="Source">The tenant's source; empty: the gateway named none.</param>
[GenerateSerializer, Immutable, Alias("ama.archive.day-source")]
public readonly record struct DaySource(
    [property: Id(0)] Guid Source, [property: Id(1)] long Archived, [property: Id(2)] long Duplicates);
