using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// What a tenant's archive says was erased: a restored Control erases it again before it leases anything of the tenant.
/// </summary>
public interface IErasureReplay
{
    /// <summary>
    /// The log's leaves of types 2, 3, 4, 5 and 8, in order. Throws <see cref="BlobStoreException"/> or
    /// <see cref="LogException"/>; then nothing may be leased.
    /// </summary>
    IAsyncEnumerable<LogLeaf> ErasedAsync(TenantId tenant, CancellationToken cancel);
}

/// <summary>From the tenants' logs in the Backup store, each batch checked against the one before it.</summary>
/// <param name="backup">Null: none was named in the settings.</param>
public sealed class BackupLogReplay(IBlobStore? backup) : IErasureReplay
{
    public async IAsyncEnumerable<LogLeaf> ErasedAsync(
        TenantId tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (backup is null)
            throw new BlobStoreException(
                "a restored Control must read what was erased: set AMA:Control:Recovery:BackupDirectory to the "
                + "archive's Backup", transient: false);
        LogBatch? before = null;
        await foreach (var info in backup.ListAsync(LogNames.PrefixOf(tenant), null, cancel))
        {
            var blob = await backup.GetAsync(info.Name, cancel) ?? throw new BlobNotFoundException(info.Name);
            var batch = LogBatch.Decode(blob.Content);
            // Another batch of the same number can lie there: Backup keeps whatever was written. The chain decides.
            if (!Follows(batch, before)) continue;
            before = batch;
            foreach (var entry in batch.Entries)
                if (entry.Leaf.Type is LeafType.Punctured or LeafType.EpochDestroyed or LeafType.Resealed
                    or LeafType.Hold or LeafType.HoldOff)
                    yield return entry.Leaf;
        }
    }

    private static bool Follows(LogBatch batch, LogBatch? before)
    {
        if (batch.Number <= (before?.Number ?? 0)) return false;
        var next = batch.Number == (before?.Number ?? 0) + 1
            && batch.PreviousHash.AsSpan().SequenceEqual(before?.Hash ?? LogLeaf.NoHash);
        return next ? true : throw new LogException(LogFault.Gap, $"batch {batch.Number} doesn't follow in Backup");
    }
}
