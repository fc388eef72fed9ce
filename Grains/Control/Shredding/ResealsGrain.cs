using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Leases;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Shredding;

/// <summary>
/// What a back-end silo does for a re-seal job: each call is signed, and passes job, log and keys in that order. Keeps
/// nothing itself: the job remembers its parts, the orders are <see cref="IShreddingGrain"/>'s.
/// </summary>
[GrainType("ama.control.reseals")]
public sealed class ResealsGrain(PersonGate gate, RequestGate requests) : Grain, IResealsGrain
{
    private Guid _tenant;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantKey.Of(gate.Ring, this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<ResealTask[]> Waiting(byte[] signedRequest) => AnswerAsync(signedRequest, _ => Jobs.Reseals());

    public Task<ResealTrees> Begin(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var (job, target) = await PartOf(request);
        var old = job.Part?.Generation ?? await Keys.TreeToReseal(target.Class, target.Epoch)
            ?? throw new LeaseRefusedException(LeaseRefusal.NotFound, "the part has no keys, or has ended");
        if (job.Part is null) await Jobs.SetPart(job.Id, new(target.Epoch, old, Done: false));
        await OrderAsync(request, ShredAct.BeginReseal, target with { Generation = old, Leaves = [] });
        return new ResealTrees(old, old + 1);
    });

    public Task Move(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        if (request.Targets is not [var old, var fresh] || fresh.Class != old.Class || fresh.Epoch != old.Epoch
            || fresh.Generation != old.Generation + 1)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "leaves move from a part's old tree to its fresh one");
        await RequirePartAsync(request, old);
        await OrderAsync(request, ShredAct.MoveLeaves, old, newLeaves: fresh.Leaves);
        return true;
    });

    public Task<ResealLeft[]> Left(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var target = TargetOf(request);
        await RequirePartAsync(request, target);
        return await Keys.LeftOf(ExportParts.Of([target])[0]);
    });

    public Task GiveUp(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var target = TargetOf(request);
        await RequirePartAsync(request, target);
        var ranges = request.Ranges?.Select(range => new ResealLeft(range.First, range.Count)).ToArray();
        await OrderAsync(request, ShredAct.GiveUp, target, ranges: ranges);
        return true;
    });

    public Task End(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var target = TargetOf(request);
        await RequirePartAsync(request, target);
        await OrderAsync(request, ShredAct.EndReseal, target);
        await Jobs.SetPart(request.Job!.Value, new(target.Epoch, target.Generation, Done: true));
        return true;
    });

    public Task Tell(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        if (request is not { Job: { } job, Progress: { } progress })
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "a job and its progress are missing");
        await Jobs.Tell(job, progress.Done, progress.Total, progress.Fault);
        return true;
    });

    public Task Finish(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        await Jobs.Finish(request.Job ?? Guid.Empty);
        await requests.Record(gate.Audit, request, requests.EntryOf(AuditAct.Job, true, request) with
        {
            Reason = $"finished {request.Job:N}",
        });
        return true;
    });

    private IOpenJobsGrain Jobs => GrainFactory.GetGrain<IOpenJobsGrain>(this.GetPrimaryKeyString());

    private IShreddedKeysGrain Keys => GrainFactory.GetGrain<IShreddedKeysGrain>(this.GetPrimaryKeyString());

    private IShreddingGrain Orders => GrainFactory.GetGrain<IShreddingGrain>(this.GetPrimaryKeyString());

    private async Task<(JobPart Job, LeaseTarget Target)> PartOf(LeaseRequest request)
    {
        var target = TargetOf(request);
        if (request.Job is not { } job) throw new LeaseRefusedException(LeaseRefusal.Invalid, "no job is named");
        return (new(job, await Jobs.Part(job, target.Class, target.Epoch)), target);
    }

    /// <summary>A part that the job has begun, by the tree that is to go.</summary>
    private async Task RequirePartAsync(LeaseRequest request, LeaseTarget target)
    {
        if (request.Job is not { } job) throw new LeaseRefusedException(LeaseRefusal.Invalid, "no job is named");
        if (await Jobs.Part(job, target.Class, target.Epoch) is not { } part || part.Generation != target.Generation)
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the job has not begun this part's tree");
    }

    private static LeaseTarget TargetOf(LeaseRequest request) => request.Targets is [var target]
        ? target
        : throw new LeaseRefusedException(LeaseRefusal.Invalid, "exactly one part");

    private async Task OrderAsync(
        LeaseRequest request, ShredAct act, LeaseTarget target, uint[]? newLeaves = null, ResealLeft[]? ranges = null)
    {
        if (request.Intent is not { } intent)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "the tenant's log must be named");
        var id = IdOf(request.Job!.Value, act, target, newLeaves, ranges);
        await Orders.Order(new(
            id, act, ExportParts.Of([target])[0], intent.Batch, intent.Hash, $"job {request.Job:N}", newLeaves, ranges));
    }

    private async Task<T> AnswerAsync<T>(byte[] signed, Func<LeaseRequest, Task<T>> answer)
    {
        LeaseRequest? request = null;
        try
        {
            request = requests.Admit(signed, LeaseAct.Grant, _tenant);
            if (request.Purpose != LeasePurpose.ReSeal)
                throw new LeaseRefusedException(LeaseRefusal.Invalid, "a request for something else");
            await new LeaseChecks(gate.Ring, GrainFactory).RefuseDeadStart(request);
            await requests.RefuseReplay(gate.Audit, request);
            return await answer(request);
        }
        catch (LeaseRefusedException refused)
        {
            throw await requests.Refuse(gate.Audit, AuditAct.Job, request, signed, refused);
        }
    }

    /// <summary>The same step of the same job is the same order.</summary>
    private static Guid IdOf(Guid job, ShredAct act, LeaseTarget target, uint[]? newLeaves, ResealLeft[]? ranges)
    {
        var from = string.Join(',', target.Leaves);
        var to = string.Join(',', newLeaves ?? []);
        var up = string.Join(',', (ranges ?? []).Select(range => $"{range.First}+{range.Count}"));
        var text = $"{job:N}|{act}|{target.Class}|{target.Epoch}|{target.Generation}|{from}|{to}|{up}";
        return new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true);
    }

    /// <param name="Part">As it was begun; null: it wasn't.</param>
    private sealed record JobPart(Guid Id, ResealPartView? Part);
}
