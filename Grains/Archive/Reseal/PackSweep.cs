using AMA.Archive.Blobs;
using AMA.Archive.Log;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Reseal;

/// <summary>
/// Deletes the packs of key trees that have ended, from the primary store and from Backup. Nothing opens them any more;
/// that they are gone saves space and ends every doubt.
/// </summary>
public sealed partial class PackSweep(StorePair stores, TimeProvider time, ILogger<PackSweep> log)
{
    /// <summary>
    /// So long an ended tree's packs stay: who has begun to read a message from one reads it to its end.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public bool IsDue(EndedTree tree) => !tree.IsSwept && time.GetUtcNow() - tree.At >= Grace;

    /// <summary>
    /// Deletes all packs of the tree, also those that were never committed, and of the trees before it; not those that
    /// hold something on which a legal hold lies.
    /// </summary>
    /// <param name="firstBatch">The log batch that first wrote to the part.</param>
    public async Task RunAsync(EndedTree tree, ArchiveState state, ulong firstBatch)
    {
        var deleted = 0;
        var kept = await HeldPacksAsync(tree.Part, state, firstBatch);
        // Backup may have to keep what it has for years: what can be deleted is gone by then.
        foreach (var store in new[] { stores.Primary, stores.Backup })
        {
            await foreach (var blob in store.ListAsync(PackNames.PrefixOf(tree.Part), null, default))
            {
                if (kept.Contains(blob.Name)) continue;
                if (await GenerationAsync(store, blob.Name) is not { } generation || generation > tree.Generation) continue;
                await store.DeleteAsync(blob.Name, default);
                deleted++;
            }
        }
        LogSwept(deleted, tree.Part.ToString(), tree.Generation);
    }

    private async Task<HashSet<string>> HeldPacksAsync(RetentionPart part, ArchiveState state, ulong firstBatch)
    {
        var kept = new HashSet<string>();
        if (state.HeldOf(part).Length == 0) return kept;
        await foreach (var batch in new TenantLog(stores.Primary, part.Tenant).ReadAsync(firstBatch, default))
            foreach (var entry in batch.Entries)
                if (entry.Pack is { } pack && state.IsHeld(HeldLeaf.Of(entry.Leaf))) kept.Add(PackNames.Of(part, pack));
        return kept;
    }

    /// <summary>Null: it says of no tree that it is its own.</summary>
    private async Task<uint?> GenerationAsync(IBlobStore store, string name)
    {
        var head = new byte[PackHeader.Bytes];
        try
        {
            var read = await store.ReadAsync(name, 0, head, default);
            return PackHeader.Read(head.AsSpan(0, read)).TreeGeneration;
        }
        catch (SealException damaged)
        {
            LogDamaged(name, damaged.Message);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Deleted {count} packs of {part} that lay under key tree {generation} or before")]
    private partial void LogSwept(int count, string part, uint generation);

    [LoggerMessage(2, LogLevel.Warning, "{name} is no whole pack and stays: {reason}")]
    private partial void LogDamaged(string name, string reason);
}
