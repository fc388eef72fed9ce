using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.Shredding;

/// <summary>What persons and the back end do to a tenant's orders to erase: docs/erasure.md.</summary>
[GrainType("ama.control.erasure-orders")]
public sealed partial class ErasureOrdersGrain(
    [PersistentState("erasure-orders", ControlStorage.Name)] IPersistentState<ErasureOrdersState> stored,
    PersonGate gate, RequestGate requests, IRandom random, ILogger<ErasureOrdersGrain> log)
    : Grain, IErasureOrdersGrain
{
    private static readonly AccessRole[] Viewers =
    [
        AccessRole.Auditor, AccessRole.TenantAdmin, AccessRole.SecurityOfficerTenant,
        AccessRole.SecurityOfficerProvider,
    ];

    private MarkedState<ErasureOrdersState> _state = null!;
    private Guid _tenant;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantKey.Of(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, gate.Audit, gate.Time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public Task<ErasureOrderView> Open(string accessToken, Guid[] records) =>
        Order(accessToken, new(OrderKind.Erase, records, 0, 0));

    public async Task<ErasureOrderView> Order(string accessToken, NewOrder order)
    {
        var person = await gate.AdmitAsync(accessToken, _tenant, AuditAct.Erasure, AccessRole.Auditor);
        return await ChangeAsync(person, () => OpenedBy(person, order), opened => $"opened {opened.Id:N} {opened.Kind}");
    }

    public async Task<ErasureOrderView> Approve(string accessToken, Guid order)
    {
        var person = await gate.AdmitAsync(accessToken, _tenant, AuditAct.Erasure, AccessRole.TenantAdmin);
        return await ChangeAsync(person, () => Find(order).Approve(person.User), _ => $"approved {order:N}");
    }

    public async Task<ErasureOrderView[]> List(string accessToken)
    {
        await gate.AdmitAsync(accessToken, _tenant, AuditAct.Erasure, Viewers);
        var views = new List<ErasureOrderView>();
        foreach (var order in _state.Value.Orders) views.Add(await ViewAsync(await WithDatesAsync(order)));
        return [.. views];
    }

    private ErasureOrder OpenedBy(AccessGrant person, NewOrder wish)
    {
        var order = new ErasureOrder(
            random.NextId(), wish.Records ?? [], person.User, gate.Now, null, null, null, null, [], null)
        {
            Kind = wish.Kind, Class = wish.Class, Epoch = wish.Epoch,
        };
        order.Check(gate.Now);
        if (_state.Value.Orders.Count(other => other.IsOpen) >= ErasureOrder.OpenMax)
            throw new LeaseRefusedException(LeaseRefusal.Unavailable, "too many orders are open");
        return order;
    }

    private async Task<ErasureOrderView> ChangeAsync(
        AccessGrant person, Func<ErasureOrder> change, Func<ErasureOrder, string> what)
    {
        try
        {
            var next = change();
            await gate.RecordAsync(AuditAct.Erasure, person, _tenant, what(next));
            await _state.WriteAsync(_state.Value.With(next));
            return await ViewAsync(next);
        }
        catch (LeaseRefusedException refused)
        {
            throw await gate.RefuseAsync(AuditAct.Erasure, person, _tenant, refused);
        }
    }

    private ErasureOrder Find(Guid? id) => Array.Find(_state.Value.Orders, order => order.Id == id)
        ?? throw new ControlException(ControlRefusal.NotFound, "There is no such order.");

    private async Task<ErasureOrderView> ViewAsync(ErasureOrder order) => new(
        order.Id, order.Records, order.OpenedBy, order.OpenedAt, order.ApprovedBy, order.UnreadableAt,
        order.LastKeyEndedAt is { } ended ? await Erasure.FinalEverywhere(ended) : null, order.Refusal,
        order.Kind, order.Epoch);

    private IErasureGrain Erasure => GrainFactory.GetGrain<IErasureGrain>(gate.Ring.Region.Text());
}
