using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>Reads single batches and checks that each follows from the one before.</summary>
internal sealed class LogReader(IBlobStore store, TenantId tenant)
{
    /// <summary>The batch of that number, checked by itself; null: there is none.</summary>
    public async ValueTask<LogBatch?> GetAsync(ulong number, CancellationToken cancel)
    {
        if (await store.GetAsync(LogNames.Of(tenant, number), cancel) is not { } blob) return null;
        var batch = LogBatch.Decode(blob.Content);
        LogException.Unless(
            batch.Number == number && batch.Tenant == tenant, LogFault.Place,
            $"{LogNames.Of(tenant, number)} holds batch {batch.Number} of {batch.Tenant}");
        return batch;
    }

    /// <summary>The batch after <paramref name="last"/>; null at the end.</summary>
    public async ValueTask<LogBatch?> NextAsync(LogPosition last, CancellationToken cancel)
    {
        var batch = await GetAsync(last.Number + 1, cancel);
        if (batch is null)
        {
            await CheckEndAsync(last.Number, cancel);
            return null;
        }
        LogException.Unless(
            batch.PreviousHash.AsSpan().SequenceEqual(last.Hash), LogFault.Chain,
            $"batch {batch.Number} does not follow batch {last.Number}");
        LogException.Unless(
            batch.FirstLeafIndex == last.NextLeafIndex, LogFault.Chain, $"batch {batch.Number} skips leaves");
        LogException.Unless(batch.Fence >= last.Fence, LogFault.Chain, $"the fence falls at batch {batch.Number}");
        return batch;
    }

    /// <summary>
    /// One number beyond, looked at after the missing one was missed: a lost batch must not look like the end. (A batch
    /// that was just being committed is no gap: its number is looked at again.)
    /// </summary>
    private async ValueTask CheckEndAsync(ulong number, CancellationToken cancel)
    {
        if (await store.StatAsync(LogNames.Of(tenant, number + 2), cancel) is null) return;
        if (await store.StatAsync(LogNames.Of(tenant, number + 1), cancel) is null) throw Gap(number + 1);
    }

    public static LogException Gap(ulong number) => new(LogFault.Gap, $"batch {number} is missing before later ones");
}

/// <summary>Finds where a log ends, in some forty look-ups however long it is.</summary>
internal sealed class LogEnd(IBlobStore store, TenantId tenant)
{
    public async ValueTask<LogPosition> FindAsync(CancellationToken cancel)
    {
        var last = await FindNumberAsync(cancel);
        await CheckNothingFollowsAsync(last, cancel);
        if (last == 0) return LogPosition.Empty;
        var batch = await new LogReader(store, tenant).GetAsync(last, cancel) ?? throw LogReader.Gap(last);
        return LogPosition.After(batch);
    }

    /// <summary>Doubling, then halving: right because batches are numbered without gaps and never deleted.</summary>
    private async ValueTask<ulong> FindNumberAsync(CancellationToken cancel)
    {
        var high = 1ul;
        while (await ExistsAsync(high, cancel)) high *= 2;
        var low = high / 2;
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            if (await ExistsAsync(middle, cancel)) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>
    /// Where a batch was lost, the search above may have ended at the hole; writing there would fork the log. A writer
    /// that just went on beyond <paramref name="last"/> without a hole is none: its batch will refuse ours.
    /// </summary>
    private async ValueTask CheckNothingFollowsAsync(ulong last, CancellationToken cancel)
    {
        var after = last == 0 ? null : LogNames.Of(tenant, last);
        await foreach (var found in store.ListAsync(LogNames.PrefixOf(tenant), after, cancel))
        {
            if (await ExistsAsync(last + 1, cancel)) return;
            throw new LogException(LogFault.Gap, $"{found.Name} is there, but batch {last + 1} is missing");
        }
    }

    private async ValueTask<bool> ExistsAsync(ulong number, CancellationToken cancel) =>
        await store.StatAsync(LogNames.Of(tenant, number), cancel) is not null;
}
