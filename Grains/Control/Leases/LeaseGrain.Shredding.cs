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

    /// <summary>
    /// The part's tree that a re-seal takes things from: of one under way the old one, otherwise the newest. Null: the
    /// part has no tree, or has ended.
    /// </summary>
    [Alias("tree-to-reseal")] Task<uint?> TreeToReseal(ushort retentionClass, uint epoch);

    /// <summary>What writers were given of the tree and it still opens.</summary>
    [Alias("left-of")] Task<ResealLeft[]> LeftOf(ExportPart tree);
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

    Task<uint?> IShreddedKeysGrain.TreeToReseal(ushort retentionClass, uint epoch)
    {
        Restored.RefuseWaiting(_state.Value);
        var newest = _state.Value.Newest(retentionClass, epoch);
        if (newest is null || _state.Value.Ledger.Find(newest.Target) is { Ended: true }) return Task.FromResult<uint?>(null);
        return Task.FromResult<uint?>(newest.IsReseal ? newest.Generation - 1 : newest.Generation);
    }

    Task<ResealLeft[]> IShreddedKeysGrain.LeftOf(ExportPart tree)
    {
        Restored.RefuseWaiting(_state.Value);
        return Task.FromResult(ServiceProvider.GetRequiredService<ShreddingDesk>().LeftOf(
            _state.Value, ExportParts.Targets([tree])[0]));
    }

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
            ShredAct.GiveUp => desk.GiveUp(_state.Value, target, order.Ranges!),
            _ => desk.EndReseal(_state.Value, target),
        };
    }
}
