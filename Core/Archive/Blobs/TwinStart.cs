using AMA.Archive.Ids;

namespace AMA.Archive.Blobs;

/// <summary>Brings a pair level at start; several processes may start at once.</summary>
internal sealed class TwinStart(IBlobStore first, IBlobStore second, IRandom random, TwinLevel level)
{
    /// <summary>Each turn that doesn't end it means that another process made the next step meanwhile.</summary>
    private const int TurnsMax = 10;

    public async ValueTask<TwinReport> LevelAsync(CancellationToken cancel)
    {
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            if (await TryLevelAsync(cancel) is { } report) return report;
        }
        throw new BlobStoreException("other processes kept changing the pair while this one started", transient: true);
    }

    private async ValueTask<TwinReport?> TryLevelAsync(CancellationToken cancel)
    {
        var one = await first.GetAsync(TwinNames.Pair, cancel);
        var other = await second.GetAsync(TwinNames.Pair, cancel);
        if (one is null && other is null)
        {
            await PairAsync(cancel);
            return null;
        }
        if (one is null) return await new TwinSeed(second, first).RunAsync(other!.Content, cancel);
        if (other is null) return await new TwinSeed(first, second).RunAsync(one.Content, cancel);
        if (!TwinLevel.Same(one, other)) throw TwinNames.Unfit("the two stores belong to different pairs");
        return await FollowAsync(cancel);
    }

    /// <summary>
    /// Two stores that were no pair yet: marks the one that the pair comes from, the first unless only the second holds
    /// anything. The next turn copies it.
    /// </summary>
    private async ValueTask PairAsync(CancellationToken cancel)
    {
        var oneEmpty = await IsEmptyAsync(first, cancel);
        var otherEmpty = await IsEmptyAsync(second, cancel);
        if (!oneEmpty && !otherEmpty)
        {
            // Unless another process has made them a pair, and lives on it already.
            if (await first.StatAsync(TwinNames.Pair, cancel) is not null) return;
            throw TwinNames.Unfit("both stores hold blobs but were never a pair");
        }
        var source = otherEmpty ? first : second;
        await source.PutIfAbsentAsync(TwinNames.Pair, random.NextBytes(16), cancel);
    }

    private async ValueTask<TwinReport> FollowAsync(CancellationToken cancel)
    {
        await foreach (var gone in second.ListAsync(TwinNames.GonePrefix, null, cancel))
        {
            await level.NameAsync(gone.Name[TwinNames.GonePrefix.Length..], cancel);
            await second.DeleteAsync(gone.Name, cancel);
        }
        var report = new TwinReport();
        await foreach (var blob in TwinNames.Hide(first.ListAsync("", null, cancel), cancel))
            report = report.Plus(await level.NameAsync(blob.Name, cancel));
        await foreach (var blob in TwinNames.Hide(second.ListAsync("", null, cancel), cancel))
        {
            if (await first.StatAsync(blob.Name, cancel) is null)
                report = report.Plus(await level.NameAsync(blob.Name, cancel));
        }
        return report;
    }

    private static async ValueTask<bool> IsEmptyAsync(IBlobStore store, CancellationToken cancel)
    {
        await foreach (var _ in TwinNames.Hide(store.ListAsync("", null, cancel), cancel)) return false;
        return true;
    }
}
