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
    /// All leaves of the tenant's log, in order. Throws <see cref="BlobStoreException"/> or <see cref="LogException"/>;
    /// then nothing may be leased. An empty log is for the caller to judge.
    /// </summary>
    IAsyncEnumerable<LogLeaf> LeavesAsync(TenantId tenant, CancellationToken cancel);
}

/// <summary>From the tenants' logs in the Backup store, each batch checked against the one before it.</summary>
/// <param name="backup">Null: none was named in the settings.</param>
public sealed class BackupLogReplay(IBlobStore? backup) : IErasureReplay
{
    public async IAsyncEnumerable<LogLeaf> LeavesAsync(
        TenantId tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (backup is null)
            throw new BlobStoreException(
                "a restored Control must read what was erased: set AMA:Control:Recovery:BackupDirectory to the "
                + "archive's Backup", transient: false);
        var chain = new BackupChain();
        await foreach (var info in backup.ListAsync(LogNames.PrefixOf(tenant), null, cancel))
        {
            var blob = await backup.GetAsync(info.Name, cancel) ?? throw new BlobNotFoundException(info.Name);
            foreach (var leaf in LeavesOf(chain.Add(LogBatch.Decode(blob.Content)))) yield return leaf;
        }
        foreach (var leaf in LeavesOf(chain.End())) yield return leaf;
    }

    private static IEnumerable<LogLeaf> LeavesOf(IReadOnlyList<LogBatch> batches) =>
        batches.SelectMany(batch => batch.Entries).Select(entry => entry.Leaf);
}
