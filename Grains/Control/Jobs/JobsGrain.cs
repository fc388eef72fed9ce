using System.Text.Json;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Jobs;

/// <summary>What the lease grain asks of a tenant's jobs. Key: as <see cref="IJobsGrain"/>.</summary>
[Alias("ama.control.internal.open-jobs")]
internal interface IOpenJobsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Counts these leaves for the job, durably. Throws <see cref="ControlException"/> with the reason why the job does
    /// not allow them.
    /// </summary>
    [Alias("take")] Task<JobTicket> Take(Guid job, ExportPart[] leaves);

    /// <summary>Open re-seal jobs, oldest first.</summary>
    [Alias("reseals")] Task<ResealTask[]> Reseals();

    /// <summary>The part of the job, as it was begun; null: it wasn't. Throws <see cref="ControlException"/>.</summary>
    [Alias("part")] Task<ResealPartView?> Part(Guid job, ushort retentionClass, uint epoch);

    [Alias("set-part")] Task SetPart(Guid job, ResealPartView part);

    [Alias("tell")] Task Tell(Guid job, long done, long total, string fault);

    [Alias("finish")] Task Finish(Guid job);
}

[GenerateSerializer, Immutable, Alias("ama.control.internal.reseal-part")]
internal sealed record ResealPartView(
    [property: Id(0)] uint Epoch, [property: Id(1)] uint Generation, [property: Id(2)] bool Done);

[GenerateSerializer, Immutable, Alias("ama.control.internal.job-ticket")]
internal readonly record struct JobTicket([property: Id(0)] DateTimeOffset EndsAt, [property: Id(1)] JobPurpose Purpose);

/// <summary>A tenant's jobs, newest first.</summary>
public sealed record JobsState
{
    public MaintainJob[] Jobs { get; init; } = [];
}

[GrainType("ama.control.jobs")]
public sealed partial class JobsGrain(
    [PersistentState("jobs", ControlStorage.Name)] IPersistentState<JobsState> stored,
    PersonGate gate, IRandom random, ILogger<JobsGrain> log) : Grain, IJobsGrain, IOpenJobsGrain
{
    private MarkedState<JobsState> _state = null!;
    private Guid _tenant;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantKey.Of(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, gate.Audit, gate.Time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task<JobView> Open(string accessToken, NewJob job)
    {
        var person = await gate.AdmitAsync(accessToken, _tenant, AuditAct.Job, AccessRole.TenantAdmin);
        try
        {
            var opened = Check(Job(job, person));
            await gate.RecordAsync(AuditAct.Job, person, _tenant, $"opened {opened.Id:N} {job.Purpose}");
            await _state.WriteAsync(new() { Jobs = [opened, .. _state.Value.Jobs.Take(MaintainJob.ShownMax - 1)] });
            return View(opened);
        }
        catch (LeaseRefusedException refused)
        {
            throw await gate.RefuseAsync(AuditAct.Job, person, _tenant, refused);
        }
    }

    public async Task<JobView> End(string accessToken, Guid job)
    {
        var person = await gate.AdmitAsync(accessToken, _tenant, AuditAct.Job, AccessRole.TenantAdmin);
        var ended = Find(job) with { Ended = true };
        await gate.RecordAsync(AuditAct.Job, person, _tenant, $"ended {job:N}");
        await WriteAsync(ended);
        return View(ended);
    }

    public async Task<JobView[]> List(string accessToken)
    {
        await gate.AdmitAsync(
            accessToken, _tenant, AuditAct.Job, AccessRole.TenantAdmin, AccessRole.Auditor,
            AccessRole.SecurityOfficerTenant, AccessRole.SecurityOfficerProvider);
        return [.. _state.Value.Jobs.Select(View)];
    }

    async Task<JobTicket> IOpenJobsGrain.Take(Guid job, ExportPart[] leaves)
    {
        try
        {
            var taken = Find(job).Take(ExportParts.Targets(leaves), gate.Now);
            await WriteAsync(taken);
            return new(taken.EndsAt, taken.Purpose);
        }
        catch (LeaseRefusedException refused)
        {
            throw new ControlException(
                refused.Refusal == LeaseRefusal.Unavailable ? ControlRefusal.Unavailable : ControlRefusal.NotAuthorised,
                refused.Message);
        }
    }

    private MaintainJob Job(NewJob? job, AccessGrant person)
    {
        if (job is null || PurposeOf(job.Purpose) is not { } purpose)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "a job's purpose is reindex, fsck-data or re-seal");
        return new(
            random.NextId(), purpose, job.Class, job.FirstEpoch, job.LastEpoch, job.LeavesPerMinute, person.User, gate.Now,
            job.EndsAt, Ended: false, 0, gate.Now, 0);
    }

    private MaintainJob Check(MaintainJob job)
    {
        job.Check(gate.Now);
        if (_state.Value.Jobs.Count(other => other.IsOpen(gate.Now)) >= MaintainJob.OpenMax)
            throw new LeaseRefusedException(LeaseRefusal.Unavailable, $"{MaintainJob.OpenMax} jobs are open already: end one first");
        return job;
    }

    private MaintainJob Find(Guid id) => Array.Find(_state.Value.Jobs, job => job.Id == id)
        ?? throw new ControlException(ControlRefusal.NotFound, "There is no such job.");

    private Task WriteAsync(MaintainJob job) => _state.WriteAsync(new()
    {
        Jobs = [.. _state.Value.Jobs.Select(other => other.Id == job.Id ? job : other)],
    });

    private JobView View(MaintainJob job) => new(
        job.Id, JsonNamingPolicy.KebabCaseLower.ConvertName(job.Purpose.ToString()), job.Class, job.FirstEpoch,
        job.LastEpoch, job.LeavesPerMinute, job.OpenedBy, job.OpenedAt, job.EndsAt, job.IsOpen(gate.Now),
        job.LeavesGiven, job.Progress.Done, job.Progress.Total, job.Progress.Fault, job.FinishedAt);

    private static JobPurpose? PurposeOf(string? text) => text switch
    {
        "reindex" => JobPurpose.Reindex,
        "fsck-data" => JobPurpose.FsckData,
        "re-seal" => JobPurpose.ReSeal,
        _ => null,
    };
}
