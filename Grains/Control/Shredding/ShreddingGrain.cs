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

/// <summary>
/// Erasure in a tenant's keys. Key: "{region}/{tenant id}". For Control's own parts only: whoever orders has had it
/// approved.
/// </summary>
[Alias("ama.control.internal.shredding")]
public interface IShreddingGrain : IGrainWithStringKey
{
    /// <summary>
    /// Returns when the order is carried out: durable in both stores, on record. An order that comes again is answered
    /// as it was, but a refused one of a re-seal is tried again: it names what the log says, which stays true. Throws
    /// <see cref="ControlException"/> for one that is refused; after Unavailable it is carried out later, or by asking
    /// again.
    /// </summary>
    [Alias("order")] Task<ShredEntry> Order(ShredOrder order);

    /// <summary>Carries out what a crash left open; how many orders are still open.</summary>
    [Alias("resume")] Task<int> Resume();

    /// <summary>Newest first.</summary>
    [Alias("orders")] Task<ShredEntry[]> Orders();
}

/// <summary>
/// Steps: order durable, on record, keys changed (in the lease grain, which knows a step it has taken), done durable.
/// A crash between any two leaves an open order, and taking its steps again changes nothing that was changed.
/// </summary>
[GrainType("ama.control.shredding")]
public sealed partial class ShreddingGrain(
    [PersistentState("shredding", ControlStorage.Name)] IPersistentState<ShreddingState> stored,
    PersonGate gate, TimeProvider time, ILogger<ShreddingGrain> log) : Grain, IShreddingGrain
{
    private MarkedState<ShreddingState> _state = null!;
    private Guid _tenant;

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantKey.Of(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, gate.Audit, time, DeactivateOnIdle, log);
        await _state.CheckAsync();
        if (_state.Checked?.Orders.Any(entry => entry.IsOpen) == true) await TryResumeAsync();
    }

    async Task<ShredEntry> IShreddingGrain.Order(ShredOrder order)
    {
        var known = Array.Find(_state.Value.Orders, entry => entry.Order.Id == order.Id);
        if (known is null) await AcceptAsync(order);
        var again = known is null or { IsOpen: true } || (known.Refusal is not null && known.Order.IsOfReseal);
        var entry = again ? await CarryOutAsync(Find(order.Id)) : known!;
        return entry.Refusal is { } refusal ? throw new ControlException(ControlRefusal.Invalid, refusal) : entry;
    }

    Task<int> IShreddingGrain.Resume() => ResumeAsync();

    Task<ShredEntry[]> IShreddingGrain.Orders() => Task.FromResult(_state.Value.Orders);

    private async Task AcceptAsync(ShredOrder order)
    {
        try
        {
            order.Check();
        }
        catch (LeaseRefusedException refused)
        {
            await RecordAsync(order, false, refused.Message);
            throw new ControlException(ControlRefusal.Invalid, $"Refused: {refused.Message}.");
        }
        if (_state.Value.Orders.Count(entry => entry.IsOpen) >= ShreddingState.OpenMax)
            throw new ControlException(ControlRefusal.Unavailable, "Too many orders wait; try again.");
        await _state.WriteAsync(_state.Value.With(new(order, time.GetUtcNow(), null, null)));
        await RecordAsync(order, true, $"{order.Act}, intent in batch {order.IntentBatch}");
    }

    private async Task<ShredEntry> CarryOutAsync(ShredEntry entry)
    {
        var keys = GrainFactory.GetGrain<IShreddedKeysGrain>(this.GetPrimaryKeyString());
        var refusal = await keys.Apply(entry.Order);
        if (refusal is not null) await RecordAsync(entry.Order, false, refusal);
        var done = entry with
        {
            KeysErasedAt = refusal is null ? time.GetUtcNow() : null, Refusal = refusal is null ? null : $"Refused: {refusal}.",
        };
        await _state.WriteAsync(_state.Value.With(done));
        return done;
    }

    private async Task<int> ResumeAsync()
    {
        foreach (var entry in _state.Value.Orders.Where(entry => entry.IsOpen).Reverse().ToArray())
            await CarryOutAsync(entry);
        return _state.Value.Orders.Count(entry => entry.IsOpen);
    }

    private async Task TryResumeAsync()
    {
        try
        {
            await ResumeAsync();
        }
        catch (ControlException fault)
        {
            LogLater(fault.Message);
        }
    }

    private ShredEntry Find(Guid id) => _state.Value.Orders.First(entry => entry.Order.Id == id);

    private Task RecordAsync(ShredOrder order, bool granted, string reason) =>
        GrainFactory.GetGrain<IAuditGrain>(gate.Ring.Region.Text()).Append(
            new AuditEntry(AuditAct.Erasure, granted, time.GetUtcNow())
            {
                Tenant = _tenant, Person = order.By, Reason = reason,
                Targets = [$"{order.Part.Class}/{order.Part.Epoch}/{order.Part.Generation}"],
            }, null);

    [LoggerMessage(1, LogLevel.Warning, "Orders to erase wait: {reason}")]
    private partial void LogLater(string reason);
}
