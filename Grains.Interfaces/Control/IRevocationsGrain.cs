using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>What was revoked in a region. Key: the region. Silos ask without pause, so they hear of it at once.</summary>
[Alias("ama.control.revocations")]
public interface IRevocationsGrain : IGrainWithStringKey
{
    /// <summary>
    /// What was revoked after <paramref name="version"/> (0: everything that still matters). Answers at once when there
    /// is something, else within 2 s. The answer's version is what to ask with next, even when it is a smaller one.
    /// </summary>
    [Alias("since"), AlwaysInterleave] Task<RevocationsView> Since(long version);
}

[GenerateSerializer, Immutable, Alias("ama.control.revocations-view")]
public sealed record RevocationsView(
    [property: Id(0)] long Version, [property: Id(1)] RevocationView[] Revocations);

/// <param name="Kind">tenant, silo, region, session or lease.</param>
/// <param name="Subject">Id of the tenant, session or lease; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("ama.control.revocation")]
public sealed record RevocationView(
    [property: Id(0)] long Version, [property: Id(1)] string Kind, [property: Id(2)] Guid? Subject,
    [property: Id(3)] string? Silo, [property: Id(4)] bool Held, [property: Id(5)] DateTimeOffset At);
