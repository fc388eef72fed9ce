using AMA.Archive.Ids;

namespace AMA.Archive.Blobs;

/// <summary>Brings a pair level at start.</summary>
internal sealed class TwinStart(IBlobStore first, IBlobStore second, IRandom random)
{
    public async ValueTask<TwinReport> LevelAsync(CancellationToken cancel)
    {
        var one = await first.GetAsync(TwinNames.Pair, cancel);
        var other = await second.GetAsync(TwinNames.Pair, cancel);
        if (one is null && other is null) return await PairAsync(cancel);
        if (one is null) return await SeedAsync(second, first, other!.Content, cancel);
        if (other is null) return await SeedAsync(first, second, one.Content, cancel);
        if (!TwinLevel.Same(one, other))
            throw Refused("the two stores belong to different pairs");
        return await FollowAsync(cancel);
    }

    /// <summary>
    /// Two stores that were no pair yet. If only one holds anything, it is where the pair comes from.
    /// </summary>
    private async ValueTask<TwinReport> PairAsync(CancellationToken cancel)
    {
        var oneEmpty = await IsEmptyAsync(first, cancel);
        if (!oneEmpty && !await IsEmptyAsync(second, cancel))
            throw Refused("both stores hold blobs but were never a pair");
        var (source, target) = oneEmpty ? (second, first) : (first, second);
        var pair = random.NextBytes(16);
        await source.PutIfAbsentAsync(TwinNames.Pair, pair, cancel);
        return await SeedAsync(source, target, pair, cancel);
    }

    /// <summary>
    /// Makes a lost or new store's content that of the source, whatever lies in it. The marker goes last, so that a
    /// start that dies is begun again.
    /// </summary>
    private static async ValueTask<TwinReport> SeedAsync(
        IBlobStore source, IBlobStore target, ReadOnlyMemory<byte> marker, CancellationToken cancel)
    {
        await foreach (var blob in target.ListAsync("", null, cancel))
        {
            if (await source.StatAsync(blob.Name, cancel) is null) await target.DeleteAsync(blob.Name, cancel);
        }
        // A deletion that was under way was not answered for: it is the blob that stays, and its note that goes.
        await foreach (var gone in source.ListAsync(TwinNames.GonePrefix, null, cancel))
            await source.DeleteAsync(gone.Name, cancel);
        var report = await CopyAsync(source, new TwinLevel(source, target), cancel);
        await target.PutIfAbsentAsync(TwinNames.Pair, marker, cancel);
        return report;
    }

    private async ValueTask<TwinReport> FollowAsync(CancellationToken cancel)
    {
        var level = new TwinLevel(first, second);
        await foreach (var gone in second.ListAsync(TwinNames.GonePrefix, null, cancel))
        {
            await level.NameAsync(gone.Name[TwinNames.GonePrefix.Length..], cancel);
            await second.DeleteAsync(gone.Name, cancel);
        }
        var report = await CopyAsync(first, level, cancel);
        await foreach (var blob in TwinNames.Hide(second.ListAsync("", null, cancel), cancel))
        {
            if (await first.StatAsync(blob.Name, cancel) is null)
                report = report.Plus(await level.NameAsync(blob.Name, cancel));
        }
        return report;
    }

    private static async ValueTask<TwinReport> CopyAsync(IBlobStore source, TwinLevel level, CancellationToken cancel)
    {
        var report = new TwinReport();
        await foreach (var blob in TwinNames.Hide(source.ListAsync("", null, cancel), cancel))
            report = report.Plus(await level.NameAsync(blob.Name, cancel));
        return report;
    }

    private static BlobStoreException Refused(string finding) => new($"{finding}: nothing is merged", transient: false);

    private static async ValueTask<bool> IsEmptyAsync(IBlobStore store, CancellationToken cancel)
    {
        await foreach (var _ in store.ListAsync("", null, cancel)) return false;
        return true;
    }
}
