using AMA.Archive.Blobs;

namespace AMA.Grains.Control.Audit;

/// <summary>Brings the audit log back from off site, when both stores have lost it.</summary>
internal static class AuditRestore
{
    /// <summary>
    /// Whether there is a log now: of a store that still has it, else from off site. May be cut and begun again: the
    /// first batch goes in last, and without it a store has no log.
    /// </summary>
    /// <param name="began">See <see cref="AuditStores.CopyOf"/>.</param>
    public static async Task<bool> RunAsync(AuditStores stores, uint began, CancellationToken cancel)
    {
        if (await IsThereAsync(stores, cancel)) return true;
        if (stores.CopyOf(began) is not { } copy) return false;
        var names = await copy.ListAsync(AuditBatch.Prefix, null, cancel).Select(blob => blob.Name).ToListAsync(cancel);
        foreach (var name in names.AsEnumerable().Reverse())
        {
            var blob = await copy.GetAsync(name, cancel) ?? throw new BlobNotFoundException(name);
            foreach (var store in new[] { stores.A, stores.B }) await store.PutIfAbsentAsync(name, blob.Content, cancel);
        }
        return names.Count > 0;
    }

    /// <summary>One of the stores has a log.</summary>
    public static async Task<bool> IsThereAsync(AuditStores stores, CancellationToken cancel)
    {
        var first = AuditBatch.NameOf(0);
        return await stores.A.StatAsync(first, cancel) is not null || await stores.B.StatAsync(first, cancel) is not null;
    }
}
