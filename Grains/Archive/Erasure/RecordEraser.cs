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
    ErasureOrders orders, LeaseClient leases, LeaseHolder holder, StorePair stores, IGrainFactory grains)
{
    /// <summary>Deliveries may slip in before the intent is committed, none after it.</summary>
    private const int IntentRoundsMax = 16;

    /// <summary>False: not all is done; run again soon.</summary>
    public async Task<bool> RunAsync(TenantId tenant)
    {
        var waiting = await orders.WaitingAsync(tenant);
        if (waiting.Length == 0) return true;
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
        foreach (var task in waiting) await EraseAsync(tenant, archive, list, task);
        return true;
    }

    /// <summary>
    /// Writes the part's index anew under its newest key, so that Control destroys the one before. True: nothing is left
    /// to do; false: not today.
    /// </summary>
    public async Task<bool> RewriteAsync(RetentionPart part)
    {
        if (await leases.IndexAsync(part) is not { } lease) return true;
        IngestReport[] reports = [];
        try
        {
            var newest = lease.Find(LeasedKeyKind.Ixk, part) is null ? 0 : lease.Keys.Max(key => key.KeyId);
            if (lease.Keys.Count(key => key.Kind == LeasedKeyKind.Ixk) < 2) return false;
            if (!await grains.GetGrain<IIndexGrain>(part.ToString()).Rewrite(newest)) return false;
            // Whoever still works with the older key asks anew, and gets the newest.
            holder.EndOlderIndexKeys(part, newest);
            reports = [IngestReport.OfIndex(part.Class, part.Epoch, (uint)newest)];
            return true;
        }
        finally
        {
            await leases.ReleaseAsync(lease, reports);
        }
    }

    private async Task ReadAsync(TenantId tenant, ErasureList list)
    {
        await foreach (var batch in new TenantLog(stores.Primary, tenant).ReadAsync(list.Next, default))
            list.Take(batch);
    }

    private async Task EraseAsync(TenantId tenant, IArchiveGrain archive, ErasureList list, ErasureTask task)
    {
        var targets = list.Targets(task.Records);
        foreach (var target in targets)
            foreach (var leaves in target.Leaves.Chunk(LeaseLimits.MaintainLeavesMax))
                await orders.CarryOutAsync(
                    tenant, task.Id, [target with { Leaves = leaves }], list.IntentOf(task.Records));
        foreach (var part in targets.DistinctBy(target => (target.Class, target.Epoch)))
            await EraseFromIndexAsync(new(tenant, part.Class, part.Epoch), archive, task.Records);
        await orders.FinishAsync(tenant, task.Id);
    }

    /// <summary>Under a lease for the index alone: the part may be one that nobody writes to any more.</summary>
    private async Task EraseFromIndexAsync(RetentionPart part, IArchiveGrain archive, Guid[] records)
    {
        if (await leases.IndexAsync(part) is not { } lease) return;
        try
        {
            await archive.EraseFromIndex(part.Class, part.Epoch, records);
        }
        finally
        {
            await leases.ReleaseAsync(lease);
        }
    }
}
