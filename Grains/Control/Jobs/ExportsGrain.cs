using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Jobs;

/// <summary>What the lease grain asks of a tenant's export requests. Key: as <see cref="IExportsGrain"/>.</summary>
[Alias("ama.control.internal.approved-exports")]
internal interface IApprovedExportsGrain : IGrainWithStringKey
{
    /// <summary>
    /// When the request ends, if it is approved and holds exactly these leaves; else throws
    /// <see cref="ControlException"/> with the reason. Reads durable state only.
    /// </summary>
    [Alias("check"), AlwaysInterleave] Task<DateTimeOffset> Check(Guid export, ExportPart[] leaves);
}

/// <summary>A tenant's export requests, newest first.</summary>
public sealed record ExportsState
{
    /// <summary>Remembered for the tenant to see, ended ones included.</summary>
    public const int ShownMax = 256;

    public ExportRequest[] Requests { get; init; } = [];
}

[GrainType("ama.control.exports")]
public sealed class ExportsGrain(
    [PersistentState("exports", ControlStorage.Name)] IPersistentState<ExportsState> stored,
    PersonGate gate, IRandom random, ILogger<ExportsGrain> log) : Grain, IExportsGrain, IApprovedExportsGrain
{
    private MarkedState<ExportsState> _state = null!;
    private Guid _tenant;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantKey.Of(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, gate.Audit, gate.Time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task<ExportView> Open(string accessToken, NewExport export)
    {
        var person = await gate.AdmitAsync(accessToken, _tenant, AuditAct.ExportRequest, AccessRole.Auditor);
        return await ChangeAsync(person, () => OpenedBy(person, export), opened => $"opened {opened.Id:N}");
    }

    public async Task<ExportView> Approve(string accessToken, Guid export)
    {
        var person = await gate.AdmitAsync(
            accessToken, _tenant, AuditAct.ExportRequest, AccessRole.SecurityOfficerTenant,
            AccessRole.SecurityOfficerProvider);
        return await ChangeAsync(
            person, () => Find(export).Approve(person.User, person.Role, gate.Now), _ => $"approved {export:N}");
    }

    public async Task<ExportView[]> List(string accessToken)
    {
        await gate.AdmitAsync(
            accessToken, _tenant, AuditAct.ExportRequest, AccessRole.Auditor, AccessRole.TenantAdmin,
            AccessRole.SecurityOfficerTenant, AccessRole.SecurityOfficerProvider);
        return [.. _state.Value.Requests.Select(View)];
    }

    Task<DateTimeOffset> IApprovedExportsGrain.Check(Guid export, ExportPart[] leaves)
    {
        var request = Find(export);
        try
        {
            request.CheckLeaves(ExportParts.Targets(leaves), gate.Now);
            return Task.FromResult(request.EndsAt);
        }
        catch (LeaseRefusedException refused)
        {
            throw new ControlException(ControlRefusal.NotAuthorised, refused.Message);
        }
    }

    private ExportRequest OpenedBy(AccessGrant person, NewExport? export)
    {
        var request = new ExportRequest(
            random.NextId(), ExportParts.Targets(export?.Parts ?? []), export?.LegalBasisSha256 ?? [], person.User,
            gate.Now, export?.EndsAt ?? default, []);
        request.Check(gate.Now);
        if (_state.Value.Requests.Count(other => gate.Now < other.EndsAt) >= ExportRequest.OpenMax)
            throw new LeaseRefusedException(LeaseRefusal.Unavailable, $"{ExportRequest.OpenMax} export requests are open already");
        return request;
    }

    private async Task<ExportView> ChangeAsync(
        AccessGrant person, Func<ExportRequest> change, Func<ExportRequest, string> what)
    {
        try
        {
            var next = change();
            await gate.RecordAsync(AuditAct.ExportRequest, person, _tenant, what(next));
            var others = _state.Value.Requests.Where(other => other.Id != next.Id).Take(ExportsState.ShownMax - 1);
            await _state.WriteAsync(new() { Requests = [next, .. others] });
            return View(next);
        }
        catch (LeaseRefusedException refused)
        {
            throw await gate.RefuseAsync(AuditAct.ExportRequest, person, _tenant, refused);
        }
    }

    private ExportRequest Find(Guid id) => Array.Find(_state.Value.Requests, request => request.Id == id)
        ?? throw new ControlException(ControlRefusal.NotFound, "There is no such export request.");

    private static ExportView View(ExportRequest request) => new(
        request.Id, request.LeafCount, request.LegalBasisHash, request.OpenedBy, request.OpenedAt, request.EndsAt,
        [.. request.Approvals.Select(approval => approval.User)], request.IsApproved);
}
