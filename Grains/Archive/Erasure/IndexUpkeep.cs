using AMA.Archive.Keys.Leases;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Erasure;

/// <summary>
/// What indexes lose, under leases for the index alone: the part may be one that nobody writes to any more.
/// </summary>
public sealed class IndexUpkeep(LeaseClient leases, LeaseHolder holder, IGrainFactory grains)
{
    /// <summary>Not at all when Control knows of nothing erased that the index may hold.</summary>
    public async Task UnderLeaseAsync(RetentionPart part, Func<Task> take)
    {
        if (await leases.IndexAsync(part) is not { } lease) return;
        try
        {
            await take();
        }
        finally
        {
            await leases.ReleaseAsync(lease);
        }
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
}
