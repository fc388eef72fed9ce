using System.Runtime.CompilerServices;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;

namespace AMA.Grains.Control.Survival;

/// <param name="IsDecided">The log goes on from this batch; otherwise it is one of two at the log's end.</param>
public readonly record struct ReplayedBatch(LogBatch Batch, bool IsDecided);

/// <summary>
/// What a tenant's archive says was erased: a restored Control erases it again before it leases anything of the tenant.
/// </summary>
public interface IErasureReplay
{
    /// <summary>
    /// The batches of the tenant's log, in order. Throws <see cref="BlobStoreException"/> or <see cref="LogException"/>;
    /// then nothing may be leased. An empty log is for the caller to judge.
    /// </summary>
    /// <param name="after">A decided batch that was read before: its number and hash. Number 0: from the beginning.</param>
    IAsyncEnumerable<ReplayedBatch> BatchesAsync(
        TenantId tenant, (ulong Number, byte[] Hash) after, CancellationToken cancel);
}

/// <summary>From the tenants' logs in the Backup store, each batch checked against the one before it.</summary>
/// <param name="backup">Null: none was named in the settings.</param>
public sealed class BackupLogReplay(IBlobStore? backup) : IErasureReplay
{
    public async IAsyncEnumerable<ReplayedBatch> BatchesAsync(
        TenantId tenant, (ulong Number, byte[] Hash) after, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (backup is null)
            throw new BlobStoreException(
                "a restored Control must read what was erased: set AMA:Control:Recovery:BackupDirectory to the "
                + "archive's Backup", transient: false);
        var chain = new BackupChain(after.Number, after.Hash);
        var isThere = after.Number == 0;
        // In Backup a batch's hash follows its number: all of a number come before the name without one.
        var before = after.Number <= 1 ? null : LogNames.Of(tenant, after.Number - 1);
        await foreach (var info in backup.ListAsync(LogNames.PrefixOf(tenant), before, cancel))
        {
            var blob = await backup.GetAsync(info.Name, cancel) ?? throw new BlobNotFoundException(info.Name);
            var batch = LogBatch.Decode(blob.Content);
            if (batch.Number <= after.Number) isThere |= batch.Hash.AsSpan().SequenceEqual(after.Hash);
            else foreach (var certain in chain.Add(batch)) yield return new(certain, IsDecided: true);
        }
        if (!isThere)
            throw new LogException(
                LogFault.Truncated, $"the tenant's log in Backup ends before batch {after.Number}, which was read before: "
                + "AMA:Control:Recovery:BackupDirectory must name the archive's whole Backup");
        foreach (var left in chain.End()) yield return left;
    }
}
