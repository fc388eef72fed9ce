using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// A tenant's maintenance jobs: what lets the back end open archived mail again. Key: "{region}/{tenant id}". Only a
/// tenant-admin opens and ends them; all of the tenant's people but plain users see them.
/// </summary>
[Alias("ama.control.jobs")]
public interface IJobsGrain : IGrainWithStringKey
{
    [Alias("open")] Task<JobView> Open(string accessToken, NewJob job);
    [Alias("end")] Task<JobView> End(string accessToken, Guid job);

    /// <summary>Newest first, ended ones too.</summary>
    [Alias("list")] Task<JobView[]> List(string accessToken);
}

/// <param name="Purpose">reindex, fsck-data or re-seal.</param>
/// <param name="FirstEpoch">Oldest retention part, inclusive.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-job")]
public sealed record NewJob(
    [property: Id(0)] string Purpose, [property: Id(1)] ushort Class, [property: Id(2)] uint FirstEpoch,
    [property: Id(3)] uint LastEpoch, [property: Id(4)] int LeavesPerMinute, [property: Id(5)] DateTimeOffset EndsAt);

/// <param name="Done">Of a re-seal: what is sealed anew so far, of <paramref name="Total"/>.</param>
/// <param name="Fault">Why it goes no further at present; empty: it does.</param>
/// <param name="FinishedAt">When all it was opened for was done; null: not yet, or it was ended before.</param>
[GenerateSerializer, Immutable, Alias("ama.control.job")]
public sealed record JobView(
    [property: Id(0)] Guid Id, [property: Id(1)] string Purpose, [property: Id(2)] ushort Class,
    [property: Id(3)] uint FirstEpoch, [property: Id(4)] uint LastEpoch, [property: Id(5)] int LeavesPerMinute,
    [property: Id(6)] string OpenedBy, [property: Id(7)] DateTimeOffset OpenedAt, [property: Id(8)] DateTimeOffset EndsAt,
    [property: Id(9)] bool Open, [property: Id(10)] long LeavesGiven, [property: Id(11)] long Done,
    [property: Id(12)] long Total, [property: Id(13)] string Fault, [property: Id(14)] DateTimeOffset? FinishedAt);
