using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Archive;

/// <summary>
/// Copies what is committed to the Backup store, as it is (ciphertext), in the order of the log: first a batch's
/// packs, then the batch. Backup being away stops nothing but this; the spool keeps what isn't there yet.
/// </summary>
public sealed class BackupCopy(StorePair stores, TenantId tenant, ILogger log)
{
    private Task _running = Task.CompletedTask;

    /// <summary>Brings Backup level with the log, unless that is going on already. Never throws.</summary>
    public Task RunAsync(ArchiveState state) => _running.IsCompleted ? _running = CopyAsync(state) : _running;

    private async Task CopyAsync(ArchiveState state)
    {
        try
        {
            await foreach (var batch in new TenantLog(stores.Primary, tenant).ReadAsync(state.BackedUpBelow, default))
            {
                await CopyBatchAsync(batch, state);
                state.BackedUpBelow = batch.Number + 1;
            }
        }
        catch (Exception e)
        {
            ArchiveLog.BackupBehind(log, tenant, state.BackedUpBelow, state.NextBatch, e.Message);
        }
    }

    private async Task CopyBatchAsync(LogBatch batch, ArchiveState state)
    {
        foreach (var pack in batch.Entries.Where(e => e.Pack is not null).GroupBy(e => e.Pack!.Value))
        {
            var leaf = pack.First().Leaf;
            var part = new RetentionPart(tenant, leaf.Class, leaf.Epoch);
            await CopyBlobAsync(PackNames.Of(part, pack.Key), mayBeGone: state.Ended(part, leaf.TreeGeneration) is not null);
        }
        await stores.Backup.PutIfAbsentAsync(LogNames.InBackup(batch), batch.Encode(), default);
    }

    /// <param name="mayBeGone">What has ended may be deleted already.</param>
    private async Task CopyBlobAsync(string name, bool mayBeGone)
    {
        if (await stores.Backup.StatAsync(name, default) is not null) return;
        if (mayBeGone && await stores.Primary.StatAsync(name, default) is null) return;
        await BlobCopy.CopyAsync(stores.Primary, name, stores.Backup, name, default);
    }
}

/// <summary>The region's stores: primary decides, Backup follows.</summary>
public sealed record StorePair(IBlobStore Primary, IBlobStore Backup);
