using AMA.Archive.Ids;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Search.Retrieval;
using AMA.Search.Sealed;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace AMA.Search;

/// <summary>
/// The index of one retention part: derived, rebuildable, sealed on disk. One thread writes (Add, AddDelivery,
/// Refresh, Commit); any threads search. After any exception from a writing call dispose it and open it again: what
/// was committed is there, <see cref="Applied"/> says what to add once more.
/// </summary>
public sealed class MailIndex : IDisposable
{
    public const int PageItemsMax = 1_000;

    /// <summary>Records added before they are made findable without being asked to.</summary>
    private const int UnseenRecordsMax = 50_000;

    private readonly SealedDirectory _directory;
    private readonly IndexWriter _writer;
    private readonly SearcherManager _views;
    private readonly TimeProvider _time;
    private readonly MailIndexOptions _options;
    private readonly RecordDocuments _documents = new();
    private readonly RecentTags _recent = new();
    private readonly SearchGate _gate = new();
    private int _disposed;

    private MailIndex(SealedDirectory directory, IndexWriter writer, TimeProvider time, MailIndexOptions options)
    {
        (_directory, _writer, _time, _options) = (directory, writer, time, options);
        Applied = IndexWriting.Applied(writer);
        _views = new SearcherManager(writer, applyAllDeletes: true, new SearchViews());
    }

    /// <summary>
    /// Opens or creates. Throws <see cref="IndexLockedException"/> without keys, <see cref="IndexInUseException"/>,
    /// <see cref="SealedFileException"/> when a file is damaged: delete the directory and rebuild from the log.
    /// </summary>
    public static MailIndex Open(IndexPlace place, IndexKeys keys, IndexMachine machine, MailIndexOptions options)
    {
        var directory = new SealedDirectory(new SealedPlace(place, keys, machine));
        IndexWriter? writer = null;
        try
        {
            writer = IndexWriting.Open(directory, options);
            return new MailIndex(directory, writer, machine.Time, options);
        }
        catch
        {
            writer?.Rollback();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>The batches of the last commit.</summary>
    public AppliedBatches Applied { get; private set; }

    /// <summary>Records that a search finds (after the last refresh).</summary>
    public long Count => Read((view, _) => view.Records);

    /// <summary>
    /// Smallest and largest sort date of the records, or null when there is none: to leave out whole parts.
    /// </summary>
    public (DateTimeOffset First, DateTimeOffset Last)? Dates => Read((view, _) => view.DateRange is { } range
        ? (DateTimeOffset.FromUnixTimeMilliseconds(range.First), DateTimeOffset.FromUnixTimeMilliseconds(range.Last))
        : ((DateTimeOffset, DateTimeOffset)?)null);

    public void Add(IndexEntry entry)
    {
        _gate.Check();
        _writer.AddDocument(_documents.Of(entry));
        _recent.Add(entry.DedupeTag.Span, new(entry.Id, entry.LogIndex));
        if (_recent.Count >= UnseenRecordsMax) Refresh();
    }

    public void AddDelivery(DeliveryEntry entry)
    {
        _gate.Check();
        _writer.AddDocument(_documents.Of(entry));
    }

    /// <summary>
    /// Puts a record in the place of the one with its id: sealed anew, it lies elsewhere. No search ever misses it.
    /// </summary>
    public void Replace(IndexEntry entry)
    {
        _gate.Check();
        _writer.UpdateDocument(
            new Term(IndexFields.Id, new BytesRef(RecordDocuments.Bytes(entry.Id))), _documents.Of(entry));
    }

    /// <summary>As <see cref="Replace"/>, a further delivery by its delivery id.</summary>
    public void ReplaceDelivery(DeliveryEntry entry)
    {
        _gate.Check();
        _writer.UpdateDocument(
            new Term(IndexFields.DeliveryId, new BytesRef(RecordDocuments.Bytes(entry.Delivery.Id))), _documents.Of(entry));
    }

    /// <summary>Makes what was added findable. Costs a flush: once for a batch, not for a message.</summary>
    public void Refresh()
    {
        _gate.Check();
        _views.MaybeRefreshBlocking();
        _recent.Clear();
    }

    /// <summary>Makes what was added durable together with <paramref name="applied"/>, or throws.</summary>
    public void Commit(AppliedBatches applied)
    {
        _gate.Check();
        IndexWriting.Commit(_writer, applied);
        Applied = applied;
    }

    /// <summary>
    /// Takes records and their further deliveries out: no search, look-up or tag finds them after the next refresh. Their
    /// words leave the files with the next <see cref="Rewrite"/>.
    /// </summary>
    public void Erase(IEnumerable<RecordId> records)
    {
        _gate.Check();
        foreach (var id in records.Select(RecordDocuments.Bytes))
        {
            _writer.DeleteDocuments(new Term(IndexFields.Id, new BytesRef(id)));
            _writer.DeleteDocuments(new Term(IndexFields.DeliveryOf, new BytesRef(id)));
        }
    }

    /// <summary>As <see cref="Erase"/>, everything but these records and their further deliveries.</summary>
    public void KeepOnly(IEnumerable<RecordId> records)
    {
        _gate.Check();
        var kept = records.Select(id => new BytesRef(RecordDocuments.Bytes(id))).ToArray();
        _writer.DeleteDocuments(new ConstantScoreQuery(new AllButFilter(kept)));
    }

    /// <summary>
    /// Writes every file that lies under an older key anew under <see cref="IndexKeys.WriteVersion"/>, without what was
    /// taken out. Durable when it returns. False: a search still reads an older file; try again later.
    /// </summary>
    public bool Rewrite(AppliedBatches applied)
    {
        _gate.Check();
        _writer.ForceMerge(1);
        Commit(applied);
        Refresh();
        _writer.DeleteUnusedFiles();
        return _directory.OldestKeyVersion() >= _directory.WriteVersion;
    }

    /// <summary>The key version that new files are sealed under.</summary>
    public ulong WriteVersion => _directory.WriteVersion;

    /// <summary>For each 32-byte tag the record that has it, added ones included even before a refresh.</summary>
    public TaggedRecord?[] FindByTags(IReadOnlyList<ReadOnlyMemory<byte>> tags)
    {
        // Recent ones before the view is taken: a refresh moves them from there into a newer view, never back.
        var found = tags.Select(tag => _recent.Find(tag.Span)).ToArray();
        return Read((view, _) =>
        {
            RecordLookup.FindByTags(view, tags, found);
            return found;
        });
    }

    /// <summary>Null when it isn't there, or not for these eyes.</summary>
    public FoundRecord? Find(RecordId id, Visibility who) =>
        Read((view, pulse) => RecordLookup.Find(view, id, who, pulse));

    /// <summary>Of each record what a list shows, or null when it isn't there. For eyes that may see all.</summary>
    public FoundMessage?[] Heads(IReadOnlyList<RecordId> ids) =>
        Read((view, _) => ids.Select(id => RecordLookup.Message(view, id)).ToArray());

    /// <summary>Newest first, exactly counted. Throws <see cref="SearchTooSlowException"/>.</summary>
    /// <param name="limit">1 to <see cref="PageItemsMax"/>.</param>
    public SearchPage Search(QueryNode query, Visibility who, int limit, SearchCursor? after)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, PageItemsMax);
        return Read((view, pulse) =>
        {
            var newest = new NewestCollector(view, limit, after, pulse);
            view.Search(new Question(view, pulse).Of(query, who), newest);
            FoundMessage[] items = [.. newest.Newest().Select(view.Message)];
            return new SearchPage(items, newest.Total, newest.Behind > items.Length ? items[^1].Cursor : null);
        });
    }

    private T Read<T>(Func<SearchView, SearchPulse, T> read)
    {
        using var inside = _gate.Enter();
        var view = (SearchView)_views.Acquire();
        try
        {
            var answer = read(view, new SearchPulse(_time, _options.SearchTimeMax, _gate));
            _gate.Check();
            return answer;
        }
        finally
        {
            _views.Release(view);
        }
    }

    /// <summary>True after <see cref="Lock"/> or disposal: open it again, with keys.</summary>
    public bool IsLocked => _gate.IsClosed;

    /// <summary>
    /// The lease is gone: lets nobody in any more, ends searches under way with <see cref="IndexLockedException"/>, and
    /// zeroes keys and cached plaintext. From any thread; the index is still to be disposed of by its writer.
    /// </summary>
    public void Lock()
    {
        _gate.Close();
        _directory.Lock();
    }

    /// <summary>Closes without a commit; keys and cached plaintext are zeroed, searches end as by a lock.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _gate.Close();
        try
        {
            _views.Dispose();
            _writer.Rollback();
        }
        finally
        {
            _recent.Clear();
            _directory.Dispose();
        }
    }
}
