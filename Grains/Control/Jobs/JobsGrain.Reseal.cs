using AMA.Archive.Keys.Leases;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Jobs;

/// <remarks>What a re-seal job remembers of its parts, so that none is sealed anew twice.</remarks>
public sealed partial class JobsGrain
{
    Task<ResealTask[]> IOpenJobsGrain.Reseals() => Task.FromResult(_state.Value.Jobs
        .Where(job => job.Purpose == JobPurpose.ReSeal && job.IsOpen(gate.Now))
        .OrderBy(job => job.OpenedAt)
        .Select(job => new ResealTask(
            job.Id, job.Class, job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute,
            [.. job.Parts.Where(part => part.Done).Select(part => part.Epoch)]))
        .ToArray());

    Task<ResealPartView?> IOpenJobsGrain.Part(Guid job, ushort retentionClass, uint epoch)
    {
        var found = Admitted(job, retentionClass, epoch);
        return Task.FromResult(found.PartOf(epoch) is { } part
            ? new ResealPartView(part.Epoch, part.Generation, part.Done)
            : null);
    }

    Task IOpenJobsGrain.SetPart(Guid job, ResealPartView part) => WriteAsync(
        Admitted(job, Find(job).Class, part.Epoch).With(new(part.Epoch, part.Generation, part.Done)));

    Task IOpenJobsGrain.Tell(Guid job, long done, long total, string fault) =>
        WriteAsync(Open(job).Tell(new(done, total, fault)));

    Task IOpenJobsGrain.Finish(Guid job) => WriteAsync(Open(job).Finish(gate.Now));

    private MaintainJob Open(Guid job)
    {
        var found = Find(job);
        return Admitted(job, found.Class, found.FirstEpoch);
    }

    private MaintainJob Admitted(Guid job, ushort retentionClass, uint epoch)
    {
        var found = Find(job);
        try
        {
            found.Admit(retentionClass, epoch, gate.Now);
            return found;
        }
        catch (LeaseRefusedException refused)
        {
            throw new ControlException(ControlRefusal.NotAuthorised, $"Refused: {refused.Message}.");
        }
    }
}
