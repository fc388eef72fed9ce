using AMA.Archive.Blobs;
using AMA.Archive.Packs;
using AMA.Archive.Retention;
using AMA.Archive.Sealing;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Ingest;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Threads;
using AMA.Grains.Interfaces.Archive;
using Orleans.Concurrency;

namespace AMA.Grains.Archive.Storage;

/// <summary>What the storage grain seals: messages of one part, each with a reserved leaf of the lease.</summary>
public sealed record StoreWork(RetentionPart Part, IngestLease Lease, IngestItem[] Items);

/// <summary>
/// Compresses, seals each message with its own leaf, opens every one again from the bytes written, and only then puts
/// the pack into the primary store. Uncommitted packs count for nothing.
/// </summary>
[StatelessWorker]
public sealed class StorageGrain(
    SiloFeed<StoreWork> feed, StorePair stores, SiloThreads threads, SealRoom room)
    : Grain, IStorageGrain
{
    public async Task<StoredPack> Store(Guid ticket)
    {
        var work = feed.Take(ticket) ?? throw new ArchiveException(
            ArchiveRefusal.Unavailable, "the messages to be sealed are no longer waiting on this silo; try again");
        var messages = new SealedItem[work.Items.Length];
        await SealAsync(work, messages);
        var pack = room.NewPackId();
        await PutAsync(work, pack, messages);
        return new(pack, [.. messages.Select((m, i) => new StoredItem(i, m.Sha256, m.ContentCommit))]);
    }

    private async Task SealAsync(StoreWork work, SealedItem[] messages)
    {
        try
        {
            await threads.Ingest.ForEachAsync(
                messages.Length, threads.IngestCount, i => messages[i] = room.Seal(work, work.Items[i]));
        }
        catch (LeaseEndedException)
        {
            throw new ArchiveException(ArchiveRefusal.Locked, "the key lease has ended");
        }
    }

    private async Task PutAsync(StoreWork work, Guid pack, SealedItem[] messages)
    {
        var bytes = await threads.Ingest.RunAsync(() => PackWriter.Build(
            room.PackHeader(work, pack), [.. messages.Select(m => m.Ama1)], out _));
        var put = await PutAsync(work, PackNames.Of(work.Part, pack), bytes);
        if (!put.Done) throw new ArchiveException(ArchiveRefusal.Unavailable, "a pack of that name is there already");
    }

    /// <summary>
    /// A store takes no more than so much in one piece. Nothing goes out once the lease has ended, however far it got.
    /// </summary>
    private async ValueTask<PutResult> PutAsync(StoreWork work, string name, ReadOnlyMemory<byte> bytes)
    {
        Check(work);
        if (bytes.Length <= BlobLimits.SmallBytesMax) return await stores.Primary.PutIfAbsentAsync(name, bytes, default);
        await using var writer = await stores.Primary.CreateAsync(name, default);
        await writer.WriteAsync(bytes, default);
        Check(work);
        return await writer.CommitAsync(default);
    }

    private static void Check(StoreWork work)
    {
        if (work.Lease.Lease.Ended) throw new ArchiveException(ArchiveRefusal.Locked, "the key lease has ended");
    }
}

/// <param name="Ama1">The whole sealed message.</param>
public sealed record SealedItem(byte[] Ama1, byte[] Sha256, byte[] ContentCommit);
