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
/// Carries out orders about holds and about the end of parts, step by step as docs/erasure.md has it: the log says it
/// first, then Backup has it, then Control does it, then the index follows. Keeps no state of its own.
/// </summary>
public sealed class HoldKeeper(ErasureOrders orders, LeaseClient leases, StorePair stores, IGrainFactory grains)
{
    /// <summary>False: not all is done; run again soon.</summary>
    public Task<bool> RunAsync(TenantId tenant, ErasureTask task) => task.Kind == OrderKind.EndPart
        ? EndPartAsync(new(tenant, task.Class, task.Epoch), task)
        : HoldAsync(tenant, task, on: task.Kind == OrderKind.Hold);

    private async Task<bool> HoldAsync(TenantId tenant, ErasureTask task, bool on)
    {
        var archive = ArchiveOf(tenant);
        var leaves = await ReadAsync(tenant, task.Records);
        if (leaves.WithHold(!on) is { Length: > 0 } missing)
        {
            foreach (var some in missing.Chunk(LogLimits.EntriesMax)) await archive.Hold(some, on);
            leaves = await ReadAsync(tenant, task.Records);
        }
        if (leaves.LastHold is { } intent)
        {
            if ((await archive.BackUp()).BackedUp <= intent.Batch) return false;
            foreach (var target in leaves.Targets)
                foreach (var some in target.Leaves.Chunk(LeaseLimits.MaintainLeavesMax))
                    await orders.CarryOutAsync(tenant, task.Id, [target with { Leaves = some }], intent);
            if (!on) await ForgetAsync(tenant, leaves.Targets);
        }
        await orders.FinishAsync(tenant, task.Id);
        return true;
    }

    /// <summary>Of parts that have ended nothing is left of what was let go.</summary>
    private async Task ForgetAsync(TenantId tenant, LeaseTarget[] targets)
    {
        foreach (var part in targets.Select(target => new RetentionPart(tenant, target.Class, target.Epoch)).Distinct())
            if (await ArchiveOf(tenant).PartFor(part.Class, part.Epoch) != part.Epoch) await KeepHeldAsync(part);
    }

    private async Task<bool> EndPartAsync(RetentionPart part, ErasureTask task)
    {
        var archive = ArchiveOf(part.Tenant);
        var batch = await archive.EndPart(part.Class, part.Epoch);
        if ((await archive.BackUp()).BackedUp <= batch) return false;
        var intent = new LogPlace(batch, (await new TenantLog(stores.Primary, part.Tenant).ReadOneAsync(batch, default)).Hash);
        await orders.CarryOutAsync(part.Tenant, task.Id, [new(part.Class, part.Epoch, 0, [])], intent);
        await KeepHeldAsync(part);
        await orders.FinishAsync(part.Tenant, task.Id);
        return true;
    }

    /// <summary>Under a lease for the index alone; without held leaves there is no key any more, and no index.</summary>
    private async Task KeepHeldAsync(RetentionPart part)
    {
        var lease = await leases.IndexAsync(part);
        try
        {
            await ArchiveOf(part.Tenant).KeepHeldInIndex(part.Class, part.Epoch, lease is not null);
        }
        finally
        {
            if (lease is not null) await leases.ReleaseAsync(lease);
        }
    }

    private async Task<LivingLeaves> ReadAsync(TenantId tenant, Guid[] records)
    {
        var leaves = new LivingLeaves(records.ToHashSet());
        await foreach (var batch in new TenantLog(stores.Primary, tenant).ReadAsync(1, default)) leaves.Take(batch);
        return leaves;
    }

    private IArchiveGrain ArchiveOf(TenantId tenant) => grains.GetGrain<IArchiveGrain>(tenant.ToString());
}
