using AMA.Archive.Ids;
using AMA.Search.Documents;
using AMA.Search.Query;

namespace AMA.Search;

/// <summary>
/// The index of one retention part: derived, rebuildable, sealed on disk. One thread writes (Add, AddDelivery,
/// Refresh, Commit); any threads search. After any exception from a writing call dispose it and open it again: what
/// was committed is there, <see cref="Applied"/> says what to add once more.
/// </summary>
public sealed class MailIndex : IDisposable
{
    private MailIndex() { }

    /// <summary>
    /// Opens or creates. Throws <see cref="IndexLockedException"/> without keys,
    /// <see cref="Sealed.SealedFileException"/> when a file is damaged: delete the directory and rebuild from the log.
    /// </summary>
    public static MailIndex Open(IndexPlace place, IndexKeys keys, IndexMachine machine, MailIndexOptions options) =>
        throw new NotImplementedException();

    /// <summary>The batches of the last commit.</summary>
    public AppliedBatches Applied => throw new NotImplementedException();

    /// <summary>Records that a search finds (after the last refresh).</summary>
    public long Count => throw new NotImplementedException();

    /// <summary>Smallest and largest sort date of the records, or null when there is none: to leave out whole parts.</summary>
    public (DateTimeOffset First, DateTimeOffset Last)? Dates => throw new NotImplementedException();

    public void Add(IndexEntry entry) => throw new NotImplementedException();

    public void AddDelivery(DeliveryEntry entry) => throw new NotImplementedException();

    /// <summary>Makes what was added findable. Costs a flush: once for a batch, not for a message.</summary>
    public void Refresh() => throw new NotImplementedException();

    /// <summary>Makes what was added durable together with <paramref name="applied"/>, or throws.</summary>
    public void Commit(AppliedBatches applied) => throw new NotImplementedException();

    /// <summary>For each 32-byte tag the record that has it, added ones included even before a refresh.</summary>
    public RecordId?[] FindByTags(IReadOnlyList<ReadOnlyMemory<byte>> tags) => throw new NotImplementedException();

    /// <summary>Null when it isn't there, or not for these eyes.</summary>
    public FoundRecord? Find(RecordId id, Visibility who) => throw new NotImplementedException();

    /// <summary>Newest first, exactly counted. Throws <see cref="SearchTooSlowException"/>.</summary>
    /// <param name="limit">1 to <see cref="PageItemsMax"/>.</param>
    public SearchPage Search(QueryNode query, Visibility who, int limit, SearchCursor? after) =>
        throw new NotImplementedException();

    public const int PageItemsMax = 1_000;

    /// <summary>Closes without a commit; keys and cached plaintext are zeroed. Searches under way end with <see cref="IndexLockedException"/>.</summary>
    public void Dispose() { }
}
