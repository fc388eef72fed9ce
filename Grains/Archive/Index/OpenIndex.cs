using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Search;

namespace AMA.Grains.Archive.Index;

/// <summary>
/// An open index and the order of its writing: one change at a time, each on a thread of the silo's, never in a grain
/// turn. Searches run beside it.
/// </summary>
public sealed class OpenIndex(IndexRoom room, MailIndex index) : IAsyncDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private bool _durable = true;
    private bool _closed;

    public MailIndex Index => index;

    /// <summary>Its lease ended: it is to be disposed of, and opened again under another.</summary>
    public bool IsLocked => index.IsLocked;

    public AppliedBatches Applied { get; private set; } = index.Applied;
    public AppliedBatches Saved { get; private set; } = index.Applied;
    private AppliedBatches Findable { get; set; } = index.Applied;

    public static async Task<OpenIndex> OpenAsync(IndexRoom room, RetentionPart part)
    {
        await room.ReadyAsync();
        return new(room, await room.Threads.Search.RunAsync(() => room.Open(part)));
    }

    public Task AddAsync(ulong number, IndexBatch batch) => WriteAsync(() =>
    {
        if (Applied.Contains(number)) return;
        if (batch.IsResealed) Replace(batch);
        else Add(batch);
        Applied = Applied.With(number);
        _durable = false;
    });

    private void Add(IndexBatch batch)
    {
        foreach (var entry in batch.Entries)
            index.Add(entry);
        foreach (var delivery in batch.Deliveries)
            index.AddDelivery(delivery);
    }

    private void Replace(IndexBatch batch)
    {
        foreach (var entry in batch.Entries)
            index.Replace(entry);
        foreach (var delivery in batch.Deliveries)
            index.ReplaceDelivery(delivery);
    }

    /// <summary>Batches below <paramref name="first"/> hold nothing of this part.</summary>
    public Task SkipBelowAsync(ulong first) => WriteAsync(() => Applied = Applied.WithAllBelow(first));

    public Task RefreshAsync() => Findable == Applied ? Task.CompletedTask : WriteAsync(() =>
    {
        if (Findable == Applied) return;
        index.Refresh();
        Findable = Applied;
    });

    /// <summary>
    /// Whether a search sees every batch below <paramref name="below"/>. What was applied is seen only after a refresh.
    /// </summary>
    public async Task<bool> ShowsAllBelowAsync(ulong below)
    {
        if (Findable.Below < below && Applied.Below >= below) await RefreshAsync();
        return Findable.Below >= below;
    }

    public Task SaveAsync() => _durable ? Task.CompletedTask : WriteAsync(() =>
    {
        if (!_durable) Commit();
    });

    private void Commit()
    {
        index.Commit(Applied);
        Saved = Applied;
        _durable = true;
    }

    /// <summary>Durable, with everything that was added before.</summary>
    public Task EraseAsync(IReadOnlyList<Guid> records) =>
        TakeOutAsync(() => index.Erase(records.Select(record => new RecordId(record))));

    /// <summary>As <see cref="EraseAsync"/>, all but these.</summary>
    public Task KeepOnlyAsync(IReadOnlyList<Guid> records) =>
        TakeOutAsync(() => index.KeepOnly(records.Select(record => new RecordId(record))));

    private Task TakeOutAsync(Action take) => WriteAsync(() =>
    {
        take();
        index.Refresh();
        Findable = Applied;
        Commit();
    });

    /// <summary>See <see cref="MailIndex.Rewrite"/>.</summary>
    public async Task<bool> RewriteAsync()
    {
        var done = false;
        await WriteAsync(() =>
        {
            done = index.Rewrite(Applied);
            (Findable, Saved, _durable) = (Applied, Applied, true);
        });
        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        _closed = true;
        room.Close(index);
        _writing.Release();
    }

    private async Task WriteAsync(Action change)
    {
        await _writing.WaitAsync();
        try
        {
            if (_closed) throw new IndexLockedException("the index was closed");
            await room.Threads.Ingest.RunAsync(change);
        }
        finally
        {
            _writing.Release();
        }
    }
}
