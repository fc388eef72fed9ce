using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Leases;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Shredding;

/// <remarks>The back end's side: signed like a request for a lease, since Control gives nothing but its word.</remarks>
public sealed partial class ErasureOrdersGrain
{
    public Task<ErasureTask[]> Waiting(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        foreach (var order in _state.Value.Orders.ToArray()) await WithDatesAsync(order);
        return _state.Value.Orders.Where(order => order.IsWaiting)
            .Select(order => new ErasureTask(order.Id, order.Records, order.Kind, order.Class, order.Epoch)).ToArray();
    });

    public Task CarryOut(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var order = await WaitingOrderAsync(request);
        if (request.Intent is not { } intent)
            throw new LeaseRefusedException(LeaseRefusal.Invalid, "the intent must stand in the tenant's log first");
        try
        {
            foreach (var target in request.Targets)
                await Keys.Order(new(
                    IdOf(order, target), ActOf(order, target), ExportParts.Of([target])[0], intent.Batch, intent.Hash,
                    $"{order.OpenedBy}, {order.ApprovedBy}"));
            await _state.WriteAsync(_state.Value.With(order.Erased(request.Targets, gate.Now)));
        }
        catch (ControlException no) when (no.Refusal == ControlRefusal.Invalid)
        {
            await _state.WriteAsync(_state.Value.With(order with { Refusal = no.Message }));
            throw;
        }
        return true;
    });

    public Task Finish(byte[] signedRequest) => AnswerAsync(signedRequest, async request =>
    {
        var order = await WaitingOrderAsync(request);
        await _state.WriteAsync(_state.Value.With(order.Finished(gate.Now)));
        return true;
    });

    private static ShredAct ActOf(ErasureOrder order, LeaseTarget target)
    {
        if (order.Kind == OrderKind.EndPart && (target.Class != order.Class || target.Epoch != order.Epoch))
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the part is not the order's");
        return order.Kind switch
        {
            OrderKind.Hold => ShredAct.Hold,
            OrderKind.LetGo => ShredAct.LetGo,
            OrderKind.EndPart => ShredAct.EndPart,
            _ => ShredAct.Puncture,
        };
    }

    private IShreddingGrain Keys => GrainFactory.GetGrain<IShreddingGrain>(this.GetPrimaryKeyString());

    private async Task<ErasureOrder> WaitingOrderAsync(LeaseRequest request)
    {
        var order = Find(request.Job);
        if (!order.IsWaiting)
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the order is not approved, or is done");
        await requests.Record(gate.Audit, request, requests.EntryOf(AuditAct.Erasure, true, request));
        return order;
    }

    private async Task<T> AnswerAsync<T>(byte[] signed, Func<LeaseRequest, Task<T>> answer)
    {
        LeaseRequest? request = null;
        try
        {
            request = requests.Admit(signed, LeaseAct.Grant, _tenant);
            if (request.Purpose != LeasePurpose.Erase)
                throw new LeaseRefusedException(LeaseRefusal.Invalid, "a request for something else");
            await new LeaseChecks(gate.Ring, GrainFactory).RefuseDeadStart(request);
            await requests.RefuseReplay(gate.Audit, request);
            return await answer(request);
        }
        catch (LeaseRefusedException refused)
        {
            throw await requests.Refuse(gate.Audit, AuditAct.Erasure, request, signed, refused);
        }
    }

    /// <summary>
    /// Looks whether the last key is gone that opens a copy of what was erased: the index key it was indexed under, and
    /// the queue keys of when it was accepted. The date is when that was seen, so never too early.
    /// </summary>
    private async Task<ErasureOrder> WithDatesAsync(ErasureOrder order)
    {
        if (!order.Erases || order.UnreadableAt is null || order.LastKeyEndedAt is not null) return order;
        var keys = GrainFactory.GetGrain<IShreddedKeysGrain>(this.GetPrimaryKeyString());
        if (!await keys.IndexIsClean(ExportParts.Of(order.Parts))) return order;
        var queue = await GrainFactory.GetGrain<IQueueKeysGrain>(gate.Ring.Region.Text()).Current();
        if (queue.Any(key => key.Week <= QueueWeek.Of(order.OpenedAt))) return order;
        var dated = order with { LastKeyEndedAt = gate.Now };
        await _state.WriteAsync(_state.Value.With(dated));
        return dated;
    }

    /// <summary>The same leaves for the same order are the same order to the keys.</summary>
    private static Guid IdOf(ErasureOrder order, LeaseTarget target)
    {
        var leaves = string.Join(',', target.Leaves);
        var text = $"{order.Id:N}|{target.Class}|{target.Epoch}|{target.Generation}|{leaves}";
        return new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true);
    }
}
