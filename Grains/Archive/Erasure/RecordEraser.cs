using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Archive.Erasure;

/// <summary>
/// Carries out what the tenant's side ordered to erase, step by step as docs/erasure.md has it. It keeps no state of its
/// own: after a fault or a crash the next run finds in log and Control how far the last one came.
/// </summary>
public sealed class RecordEraser(
    ErasureOrders orders, HoldKeeper keeper, IndexUpkeep index, StorePair stores, IGrainFactory grains)
{
    public IndexUpkeep Index => index;

    /// <summary>Deliveries may slip in before the intent is committed, none after it.</summary>
    private const int IntentRoundsMax = 16;

    /// <summary>False: not all is done; run again soon.</summary>
    public async Task<bool> RunAsync(TenantId tenant)
    {
        var waiting = await orders.WaitingAsync(tenant);
        var done = true;
        // Holds first: what is to be kept must not wait behind what is to go.
        foreach (var task in waiting.Where(task => task.Kind != OrderKind.Erase).OrderBy(task => task.Kind))
            done &= await keeper.RunAsync(tenant, task);
        ErasureTask[] erasing = [.. waiting.Where(task => task.Kind == OrderKind.Erase)];
        return erasing.Length == 0 ? done : await EraseAsync(tenant, erasing) && done;
    }

    private async Task<bool> EraseAsync(TenantId tenant, ErasureTask[] waiting)
    {
        var archive = grains.GetGrain<IArchiveGrain>(tenant.ToString());
        var list = new ErasureList(waiting.SelectMany(task => task.Records).ToHashSet());
        await ReadAsync(tenant, list);
        for (var round = 0; list.Missing is { Length: > 0 } missing; round++)
        {
            if (round == IntentRoundsMax) return false;
            await archive.Erase(missing);
            await ReadAsync(tenant, list);
        }
        // What is erased must be known to whoever restores Control from Backup: so that comes first.
        if ((await archive.Positions()).BackedUp < list.Next) return false;
        foreach (var task in waiting) await CarryOutAsync(tenant, archive, list, task);
        return true;
    }

    private async Task ReadAsync(TenantId tenant, ErasureList list)
    {
        await foreach (var batch in new TenantLog(stores.Primary, tenant).ReadAsync(list.Next, default))
            list.Take(batch);
    }

    private async Task CarryOutAsync(TenantId tenant, IArchiveGrain archive, ErasureList list, ErasureTask task)
    {
        var targets = list.Targets(task.Records);
        foreach (var target in targets)
            foreach (var leaves in target.Leaves.Chunk(LeaseLimits.MaintainLeavesMax))
                await orders.CarryOutAsync(
                    tenant, task.Id, [target with { Leaves = leaves }], list.IntentOf(task.Records));
        foreach (var part in targets.DistinctBy(target => (target.Class, target.Epoch)))
            await index.UnderLeaseAsync(
                new(tenant, part.Class, part.Epoch), () => archive.EraseFromIndex(part.Class, part.Epoch, task.Records));
        await orders.FinishAsync(tenant, task.Id);
    }
}
