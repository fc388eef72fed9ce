namespace AMA.Archive.Blobs;

/// <summary>
/// Fills a new store, or a lost one's replacement, from the other. The mark goes there last: until it is there nobody
/// lives on the pair, and a start that died is begun again. Another process may do the same and be ahead, even live
/// already; so nothing is written unless the mark was missing after the blob that it replaces was read.
/// </summary>
internal sealed class TwinSeed(IBlobStore source, IBlobStore target)
{
    /// <summary>Null: another process got there first; look again.</summary>
    public async ValueTask<TwinReport?> RunAsync(ReadOnlyMemory<byte> mark, CancellationToken cancel)
    {
        if (!await OnlyCopiesAsync(cancel)) return null;
        // A deletion that was under way was not answered for: it is the blob that stays, and its note that goes.
        await foreach (var gone in source.ListAsync(TwinNames.GonePrefix, null, cancel))
            await source.DeleteAsync(gone.Name, cancel);
        var report = new TwinReport();
        await foreach (var blob in TwinNames.Hide(source.ListAsync("", null, cancel), cancel))
        {
            if (await CopyAsync(blob.Name, cancel) is not { } step) return null;
            report = report.Plus(step);
        }
        await target.PutIfAbsentAsync(TwinNames.Pair, mark, cancel);
        return report;
    }

    /// <summary>False: it has the mark now. Blobs that the source lacks would have to be merged, or dropped.</summary>
    private async ValueTask<bool> OnlyCopiesAsync(CancellationToken cancel)
    {
        await foreach (var blob in TwinNames.Hide(target.ListAsync("", null, cancel), cancel))
        {
            if (await source.StatAsync(blob.Name, cancel) is not null) continue;
            if (await IsMarkedAsync(cancel)) return false;
            throw TwinNames.Unfit($"a store without the pair's mark holds blobs of its own, {blob.Name} among them");
        }
        return true;
    }

    private async ValueTask<TwinStep?> CopyAsync(string name, CancellationToken cancel)
    {
        var there = await target.GetAsync(name, cancel);
        var here = await source.GetAsync(name, cancel);
        if (here is null || TwinLevel.Same(here, there)) return TwinStep.None;
        if (await IsMarkedAsync(cancel)) return null;
        var put = await target.PutIfMatchAsync(name, here.Content, there?.ETag, cancel);
        return put.Done ? TwinStep.Copied : null;
    }

    private async ValueTask<bool> IsMarkedAsync(CancellationToken cancel) =>
        await target.StatAsync(TwinNames.Pair, cancel) is not null;
}
