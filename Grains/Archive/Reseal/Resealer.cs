using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Archive.Reseal;

/// <summary>The re-seal that an archive is at, between two slices of its time. Losing it costs reading the log.</summary>
public sealed class ResealWork
{
    internal Guid Job { get; set; }
    internal PartReseal? Part { get; set; }

    /// <summary>The archive that it is a part of has ended.</summary>
    internal CancellationToken Stop { get; init; }

    /// <summary>Gives back what it has a lease for.</summary>
    internal async Task DropAsync()
    {
        var part = Part;
        Part = null;
        if (part is not null) await part.DisposeAsync();
    }
}

/// <summary>Carries out a tenant's re-seal jobs, one after the other, each part by part, in slices.</summary>
public sealed class Resealer(ResealParts parts)
{
    /// <summary>Packs of one slice: then erasures have their turn.</summary>
    private const int StepsMax = 16;

    /// <summary>Done: no job waits.</summary>
    public async Task<ResealStep> RunAsync(TenantId tenant, ResealWork work)
    {
        if (await parts.Orders.WaitingAsync(tenant) is not [var task, ..])
        {
            await work.DropAsync();
            return ResealStep.Done;
        }
        try
        {
            return await RunAsync(tenant, task, work);
        }
        catch (Exception fault)
        {
            await work.DropAsync();
            if (fault is not OperationCanceledException) await TryTellAsync(tenant, task.Job, fault);
            throw;
        }
    }

    private async Task<ResealStep> RunAsync(TenantId tenant, ResealTask task, ResealWork work)
    {
        var all = (await parts.Grains.GetGrain<IArchiveGrain>(tenant.ToString()).Parts())
            .Where(part => !part.IsOver && part.Class == task.Class && part.Epoch >= task.FirstEpoch && part.Epoch <= task.LastEpoch)
            .OrderBy(part => part.Epoch).ToArray();
        var left = all.Where(part => !task.Done.Contains(part.Epoch)).ToArray();
        if (left.Length == 0)
        {
            await work.DropAsync();
            await parts.Orders.TellAsync(tenant, task.Job, new(all.Sum(LeavesOf), all.Sum(LeavesOf), ""));
            await parts.Orders.FinishAsync(tenant, task.Job);
            return ResealStep.More;
        }
        var reseal = await PartOfAsync(new(tenant, task.Class, left[0].Epoch), left[0].FirstBatch, task, work);
        var step = await SliceAsync(reseal);
        var done = all.Except(left).Sum(LeavesOf) + Math.Min(reseal.Passed, LeavesOf(left[0]));
        await parts.Orders.TellAsync(tenant, task.Job, new(done, all.Sum(LeavesOf), ""));
        if (step != ResealStep.Done) return step;
        await work.DropAsync();
        return ResealStep.More;
    }

    private async Task<PartReseal> PartOfAsync(RetentionPart part, ulong firstBatch, ResealTask task, ResealWork work)
    {
        if (work.Part is { } current && work.Job == task.Job && current.Part == part) return current;
        await work.DropAsync();
        work.Job = task.Job;
        return work.Part = new(parts, part, task, firstBatch, work.Stop);
    }

    private static async Task<ResealStep> SliceAsync(PartReseal reseal)
    {
        for (var steps = 0; steps < StepsMax; steps++)
            if (await reseal.StepAsync() is var step and not ResealStep.More) return step;
        return ResealStep.More;
    }

    private static long LeavesOf(PartView part) => part.Records + part.Deliveries;

    /// <summary>For the tenant to see why nothing moves; the fault itself counts, not whether it could be told.</summary>
    private async Task TryTellAsync(TenantId tenant, Guid job, Exception fault)
    {
        try
        {
            await parts.Orders.TellAsync(tenant, job, new(0, 0, fault.Message));
        }
        catch (Exception)
        {
            // Control is away; the next slice tells again.
        }
    }
}
