using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Control.Shredding;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace AMA.Grains.Control.Leases;

/// <summary>A tenant's keys, as erasure changes them. Key: as <see cref="IShreddingGrain"/>.</summary>
[Alias("ama.control.internal.shredded-keys")]
internal interface IShreddedKeysGrain : IGrainWithStringKey
{
    /// <summary>
    /// Durable in both stores when it returns; doing an order twice has the effect of doing it once. The reason why it
    /// is refused, or null.
    /// </summary>
    [Alias("apply")] Task<string?> Apply(ShredOrder order);

    /// <summary>No index key that opens what was erased is left of any of these parts.</summary>
    [Alias("index-is-clean")] Task<bool> IndexIsClean(ExportPart[] parts);
}

/// <remarks>Here, because keys and promises are one state: no leaf is promised that an order erases meanwhile.</remarks>
public sealed partial class LeaseGrain : IShreddedKeysGrain
{
    async Task<string?> IShreddedKeysGrain.Apply(ShredOrder order)
    {
        if (!_state.Exists) return "no such tenant";
        Restored.RefuseWaiting(_state.Value);
        try
        {
            var next = Apply(ServiceProvider.GetRequiredService<ShreddingDesk>(), order);
            if (!ReferenceEquals(next, _state.Value)) await _state.WriteAsync(next);
            return null;
        }
        catch (LeaseRefusedException refused)
        {
            return refused.Message;
        }
    }

    Task<bool> IShreddedKeysGrain.IndexIsClean(ExportPart[] parts) =>
        Task.FromResult(parts.All(part => _state.Value.IndexIsClean(part.Class, part.Epoch)));

    private LeaseState Apply(ShreddingDesk desk, ShredOrder order)
    {
        var target = ExportParts.Targets([order.Part])[0];
        return order.Act switch
        {
            ShredAct.Puncture => desk.Puncture(_state.Value, target),
            ShredAct.EndPart => desk.EndPart(_state.Value, target.Class, target.Epoch),
            ShredAct.Hold => desk.Hold(_state.Value, target),
            ShredAct.LetGo => desk.LetGo(_state.Value, target),
            ShredAct.BeginReseal => desk.BeginReseal(_state.Value, target),
            ShredAct.MoveLeaves => desk.MoveLeaves(_state.Value, target, order.NewLeaves!),
            _ => desk.EndReseal(_state.Value, target),
        };
    }
}
