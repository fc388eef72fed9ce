using AMA.Archive.Ids;
using AMA.Archive.Retention;
using AMA.Grains.Interfaces.Archive;
using AMA.Search;
using AMA.Search.Documents;
using AMA.Search.Query;
using AMA.Search.Sealed;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Index;

/// <summary>
/// The index of one retention part, open while a lease gives its key. What it holds is derived from log and packs.
/// After a crash Control lends the keys of what it lacks; to make a lost index again as a whole takes a job that the
/// tenant's side opens, and until then it refuses to answer rather than to answer in part.
/// </summary>
public sealed partial class IndexGrain(
    IndexRoom room, SiloFeed<IndexBatch> feed, PackedBatches packed, ILogger<IndexGrain> log)
    : Grain, IIndexGrain
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private RetentionPart _part;
    private OpenIndex? _open;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        _part = RetentionPart.Parse(this.GetPrimaryKeyString());
        var options = room.Options;
        this.RegisterGrainTimer(_ => TendAsync(i => i.RefreshAsync()), options.RefreshEvery, options.RefreshEvery);
        this.RegisterGrainTimer(_ => TendAsync(i => i.SaveAsync()), options.SaveEvery, options.SaveEvery);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel) => await Close();

    public async Task Apply(ulong batch, Guid pack, ulong firstLeafIndex)
    {
        var index = await OpenAsync();
        if (index.Applied.Contains(batch)) return;
        await WritingAsync(async () =>
            await index.AddAsync(batch, feed.Take(pack)?.At(firstLeafIndex) ?? await packed.ReadAsync(_part, batch)));
    }

    public async Task CatchUp(ulong firstBatch, ulong belowBatch)
    {
        var index = await OpenAsync();
        await WritingAsync(async () =>
        {
            await index.SkipBelowAsync(firstBatch);
            for (var batch = firstBatch; batch < belowBatch; batch++)
            {
                if (!index.Applied.Contains(batch))
                    await index.AddAsync(batch, await packed.ReadAsync(_part, batch));
            }
            await index.RefreshAsync();
        });
    }

    public async Task<IndexPosition> Save()
    {
        var index = await OpenAsync();
        await WritingAsync(index.SaveAsync);
        return new(index.Saved.Below, index.Index.Count);
    }

    public async Task<TaggedView?[]> FindTags(byte[][] tags)
    {
        var index = await OpenAsync();
        var wanted = Array.ConvertAll(tags, t => (ReadOnlyMemory<byte>)t);
        return await AskAsync(() => Array.ConvertAll(
            index.Index.FindByTags(wanted), r => r is { } found ? new TaggedView(found.Id.Value, found.LogIndex) : (TaggedView?)null));
    }

    public async Task<long> Count()
    {
        var index = await OpenAsync();
        await WritingAsync(index.RefreshAsync);
        return await AskAsync(() => index.Index.Count);
    }

    public async Task<IndexPage> Search(IndexQuery query)
    {
        var index = await OpenAsync();
        await RequireAllBelowAsync(index, query.MustHoldBelow);
        return await AskAsync(() =>
        {
            SearchCursor? after = SearchCursor.TryParse(query.After, out var cursor) ? cursor : null;
            var page = index.Index.Search(
                QueryParser.Parse(query.Text), VisibilityOf(query.VisibleTo), query.Limit, after);
            return new IndexPage(
                [.. page.Items.Select(IndexViews.Item)], [.. page.Items.Select(i => i.Cursor.ToString())], page.Total,
                page.Next is not null);
        });
    }

    public async Task<RecordPlaces?> Find(Guid record, string[]? visibleTo, ulong mustHoldBelow)
    {
        var index = await OpenAsync();
        await RequireAllBelowAsync(index, mustHoldBelow);
        return await AskAsync(() => index.Index.Find(new RecordId(record), VisibilityOf(visibleTo)) is { } found
            ? IndexViews.Places(_part, found)
            : null);
    }

    public async Task<MessageItem?[]> Heads(Guid[] records, ulong mustHoldBelow)
    {
        var index = await OpenAsync();
        await RequireAllBelowAsync(index, mustHoldBelow);
        await WritingAsync(index.RefreshAsync);
        return await AskAsync(() => Array.ConvertAll(
            index.Index.Heads([.. records.Select(id => new RecordId(id))]),
            found => found is null ? null : IndexViews.Item(found)));
    }

    public async Task Close()
    {
        await _opening.WaitAsync();
        try
        {
            if (_open is not { } open) return;
            _open = null;
            if (room.IsLive(_part) && !open.IsLocked) await open.SaveAsync();
            await open.DisposeAsync();
        }
        catch (Exception e)
        {
            IndexLog.CloseFailed(log, _part, e);
        }
        finally
        {
            _opening.Release();
        }
    }

    private static Visibility VisibilityOf(string[]? addresses) =>
        addresses is null ? Visibility.All : Visibility.Of(addresses);

    private async Task<OpenIndex> OpenAsync()
    {
        if (!room.MayStart(_part)) throw Locked();
        if (_open is { IsLocked: false } open) return open;
        await _opening.WaitAsync();
        try
        {
            if (_open is { IsLocked: true } locked) await CloseAsync(locked);
            return _open ??= await OpenOrRebuildAsync();
        }
        catch (IndexLockedException)
        {
            throw Locked();
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<OpenIndex> OpenOrRebuildAsync()
    {
        try
        {
            return await OpenIndex.OpenAsync(room, _part);
        }
        catch (Exception damaged) when (IndexDamage.Is(damaged))
        {
            IndexLog.Damaged(log, _part, damaged);
            room.PutAside(_part);
            return await OpenIndex.OpenAsync(room, _part);
        }
    }

    /// <summary>Lucene is in an unknown state after a failed change: drop it, open again from its last commit.</summary>
    private async Task WritingAsync(Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (Exception e) when (e is not ArchiveException)
        {
            IndexLog.WriteFailed(log, _part, e);
            var failed = _open;
            _open = null;
            if (failed is not null) await failed.DisposeAsync();
            throw e is IndexLockedException or Leases.LeaseEndedException ? Locked() : Unavailable();
        }
    }

    private async Task RequireAllBelowAsync(OpenIndex index, ulong below)
    {
        var all = false;
        await WritingAsync(async () => all = await index.ShowsAllBelowAsync(below));
        if (!all) throw Incomplete();
    }

    private async Task<T> AskAsync<T>(Func<T> question)
    {
        try
        {
            var answer = await room.Threads.Search.RunAsync(question);
            // The lease may have ended while the search ran: then nothing leaves.
            return room.IsLive(_part) ? answer : throw Locked();
        }
        catch (QueryException e)
        {
            throw new ArchiveException(ArchiveRefusal.BadQuery, $"{e.Message} (at character {e.Position + 1})");
        }
        catch (SearchTooSlowException e)
        {
            throw new ArchiveException(ArchiveRefusal.BadQuery, e.Message);
        }
        catch (IndexLockedException)
        {
            throw Locked();
        }
        catch (SealedFileException damaged)
        {
            IndexLog.FileDamaged(log, _part, damaged);
            throw new ArchiveException(
                ArchiveRefusal.Unavailable, "a file of the index is damaged; nothing of it is shown until it is made again");
        }
    }

    private async Task TendAsync(Func<OpenIndex, Task> tend)
    {
        if (_open is not { } open) return;
        if (open.IsLocked)
            await CloseAsync(open);
        else if (room.MayStart(_part))
            await WritingAsync(() => tend(open));
        else
            await CloseAtLeaseEndAsync(open);
    }

    /// <summary>Its keys are gone already; what it added and did not save is taken in again from the log.</summary>
    private async Task CloseAsync(OpenIndex locked)
    {
        if (_open == locked) _open = null;
        try
        {
            await locked.DisposeAsync();
        }
        catch (Exception e)
        {
            IndexLog.CloseFailed(log, _part, e);
        }
    }

    /// <summary>The last stretch of the lease: one more save, then the keys and the cached plaintext go.</summary>
    private async Task CloseAtLeaseEndAsync(OpenIndex open)
    {
        _open = null;
        IndexLog.LeaseEnds(log, _part);
        try
        {
            await open.SaveAsync();
        }
        catch (Exception e)
        {
            IndexLog.CloseFailed(log, _part, e);
        }
        await open.DisposeAsync();
    }

    private static ArchiveException Locked() =>
        new(ArchiveRefusal.Locked, "the archive is locked: no key lease at present; try again shortly");

    private ArchiveException Incomplete() => new(
        ArchiveRefusal.Unavailable,
        $"the index of {_part.Class}-{_part.Epoch} lacks messages that are archived and is being made again");

    private static ArchiveException Unavailable() =>
        new(ArchiveRefusal.Unavailable, "the index could not be written; it is opened again at the next call");
}
