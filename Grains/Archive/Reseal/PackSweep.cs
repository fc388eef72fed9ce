using AMA.Archive.Blobs;
using AMA.Archive.Packs;
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

    /// <summary>Deletes all packs of the tree, also those that were never committed, and of the trees before it.</summary>
    public async Task RunAsync(EndedTree tree)
    {
        var deleted = 0;
        foreach (var store in new[] { stores.Backup, stores.Primary })
        {
            await foreach (var blob in store.ListAsync(PackNames.PrefixOf(tree.Part), null, default))
            {
                if (await GenerationAsync(store, blob.Name) is not { } generation || generation > tree.Generation) continue;
                await store.DeleteAsync(blob.Name, default);
                deleted++;
            }
        }
        LogSwept(deleted, tree.Part.ToString(), tree.Generation);
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
