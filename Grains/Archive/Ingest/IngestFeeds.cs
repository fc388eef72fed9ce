using AMA.Archive.Ids;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Storage;

namespace AMA.Grains.Archive.Ingest;

/// <summary>What ingest hands to storage and index on its own silo.</summary>
public sealed class IngestFeeds(SiloFeed<StoreWork> storage, SiloFeed<IndexBatch> index, IRandom random)
{
    public SiloFeed<IndexBatch> Index => index;

    /// <summary>A ticket for the storage grain.</summary>
    public Guid Offer(StoreWork work)
    {
        var ticket = random.NextId();
        storage.Put(ticket, work);
        return ticket;
    }
}
