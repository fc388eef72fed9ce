using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// A tenant's re-seal jobs, as the back end carries them out: docs/erasure.md, "Sealing a part anew". Key:
/// "{region}/{tenant id}". Every argument is a signed request of purpose re-seal; each call may be repeated. Throws
/// <see cref="ControlException"/>.
/// </summary>
[Alias("ama.control.reseals")]
public interface IResealsGrain : IGrainWithStringKey
{
    /// <summary>Open re-seal jobs, oldest first.</summary>
    [Alias("waiting")] Task<ResealTask[]> Waiting(byte[] signedRequest);

    /// <summary>A part of the job: from now on everything of it is sealed under the fresh tree.</summary>
    [Alias("begin")] Task<ResealTrees> Begin(byte[] signedRequest);

    /// <summary>
    /// What lay under the leaves of the first target lies committed under those of the second: the first are erased,
    /// holds move along.
    /// </summary>
    [Alias("move")] Task Move(byte[] signedRequest);

    /// <summary>
    /// Leaves that were given to writers and that the old tree still opens, from the lowest on: as many ranges as fit
    /// into a request.
    /// </summary>
    [Alias("left")] Task<ResealLeft[]> Left(byte[] signedRequest);

    /// <summary>The ranges of the request, which the tenant's log has no mail under, are erased in the old tree.</summary>
    [Alias("give-up")] Task GiveUp(byte[] signedRequest);

    /// <summary>The old tree is forgotten. Refused while it opens anything that a writer was given.</summary>
    [Alias("end")] Task End(byte[] signedRequest);

    /// <summary>How far the job is, for the tenant to see.</summary>
    [Alias("tell")] Task Tell(byte[] signedRequest);

    /// <summary>All parts of the job are done: it has ended.</summary>
    [Alias("finish")] Task Finish(byte[] signedRequest);
}

/// <param name="Job">The job.</param>
/// <param name="FirstEpoch">Its oldest part.</param>
/// <param name="LeavesPerMinute">How many leaves it may open within a minute.</param>
/// <param name="Done">Epochs whose old tree is forgotten.</param>
[GenerateSerializer, Immutable, Alias("ama.control.reseal-task")]
public sealed record ResealTask(
    [property: Id(0)] Guid Job, [property: Id(1)] ushort Class, [property: Id(2)] uint FirstEpoch,
    [property: Id(3)] uint LastEpoch, [property: Id(4)] int LeavesPerMinute, [property: Id(5)] uint[] Done);

/// <param name="Old">Generation of the tree that is to go.</param>
/// <param name="Fresh">Of the tree that takes its place.</param>
[GenerateSerializer, Immutable, Alias("ama.control.reseal-trees")]
public readonly record struct ResealTrees([property: Id(0)] uint Old, [property: Id(1)] uint Fresh);

[GenerateSerializer, Immutable, Alias("ama.control.reseal-left")]
public readonly record struct ResealLeft([property: Id(0)] uint First, [property: Id(1)] uint Count);
