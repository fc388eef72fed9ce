using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;
using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Control.Revocations;

/// <summary>What Control's own parts ask of the region's revocations. Key: the region.</summary>
[Alias("ama.control.internal.revoking")]
public interface IRevokingGrain : IGrainWithStringKey
{
    /// <summary>Returns when it is durable and on record; silos hear of it within moments.</summary>
    /// <param name="by">Who revokes, for the audit log.</param>
    [Alias("revoke")] Task Revoke(RevocationView revocation, string by);

    /// <summary>Takes a hold off. False: nothing was held.</summary>
    [Alias("lift")] Task<bool> Lift(RevocationView revocation, string by);

    /// <summary>Every revocation that still matters.</summary>
    [Alias("list"), AlwaysInterleave] Task<RevocationView[]> List();

    /// <summary>Why the lease may not be granted or goes no further, or null. Reads memory only.</summary>
    [Alias("refusal"), AlwaysInterleave] Task<string?> Refusal(JudgedLease lease);
}

/// <summary>A lease that is asked for, or (with the moment of its grant) one that is to be renewed.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.internal.judged-lease")]
public readonly record struct JudgedLease(
    [property: Id(0)] Guid? Tenant, [property: Id(1)] string Silo, [property: Id(2)] Guid? Session,
    [property: Id(3)] Guid? Lease, [property: Id(4)] DateTimeOffset? GrantedAt)
{
    public LeaseFacts Facts => new(Tenant, Silo, Session, Lease);
}

public static class Revoking
{
    /// <summary>Make <paramref name="revocation"/> by <see cref="Revocation.OfSession"/> and its like.</summary>
    public static Task Revoke(this IRevokingGrain grain, Revocation revocation, string by) =>
        grain.Revoke(revocation.View(), by);

    public static Task<bool> Lift(this IRevokingGrain grain, Revocation revocation, string by) =>
        grain.Lift(revocation.View(), by);
}
