namespace AMA.Archive.Blobs;

internal enum TwinStep
{
    None,
    /// <summary>The second was behind.</summary>
    Copied,
    /// <summary>The first had lost the blob, or held an older copy.</summary>
    Restored,
}

/// <summary>Makes the second store hold what the first holds, name by name, whoever else writes meanwhile.</summary>
internal sealed class TwinLevel(IBlobStore first, IBlobStore second, GenerationOf generationOf, IsAuthentic? isAuthentic)
{
    /// <summary>Each turn that doesn't end it means that another writer moved the name on.</summary>
    public const int TurnsMax = 100;

    /// <summary>
    /// The second is read before the first, and written only if it hasn't changed since: so what goes there is never
    /// older than what it replaces, however many processes do the same.
    /// </summary>
    public async ValueTask<TwinStep> NameAsync(string name, CancellationToken cancel)
    {
        (string, string)? disputed = null;
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            var behind = await second.GetAsync(name, cancel);
            var ahead = await first.GetAsync(name, cancel);
            if (Same(ahead, behind)) return TwinStep.None;
            var winner = ahead is null || behind is null ? ahead : await WinnerOfAsync(name, ahead, behind, cancel);
            if (winner is null && ahead is not null)
            {
                // Once may be a writer in between; twice the same is what lies there.
                if (disputed == (ahead.ETag, behind!.ETag)) throw Disputed(name, ahead, behind);
                disputed = (ahead.ETag, behind.ETag);
            }
            else if (ahead is not null && winner == behind)
            {
                var healed = await first.PutIfMatchAsync(name, behind!.Content, ahead.ETag, cancel);
                if (healed.Done) return TwinStep.Restored;
            }
            else if (ahead is not null)
            {
                var put = await second.PutIfMatchAsync(name, ahead.Content, behind?.ETag, cancel);
                if (put.Done) return TwinStep.Copied;
            }
            else if (await RestoreAsync(name, cancel)) return TwinStep.Restored;
        }
        throw new BlobStoreException($"{name} is written too often to bring two stores level", transient: true);
    }

    public static bool Same(Blob? one, Blob? other) =>
        one is null ? other is null : other is not null && one.Content.Span.SequenceEqual(other.Content.Span);

    /// <summary>
    /// Which copy may replace the other; null: neither. A generation is read from a head that nobody has opened, so it
    /// decides alone only where one write, cut between the stores, explains it; otherwise a content must be authentic.
    /// </summary>
    private async ValueTask<Blob?> WinnerOfAsync(string name, Blob ahead, Blob behind, CancellationToken cancel)
    {
        var (one, other) = (generationOf(ahead.Content.Span), generationOf(behind.Content.Span));
        if (one == 0 && other == 0) return ahead;
        var (higher, lower) = other > one ? (behind, ahead) : (ahead, behind);
        if (await IsAuthenticAsync(higher)) return higher;
        if (await IsAuthenticAsync(lower)) return lower;
        return one - other is 1 or -1 ? higher : null;

        async ValueTask<bool> IsAuthenticAsync(Blob blob) =>
            isAuthentic is not null && await isAuthentic(name, blob.Content, cancel);
    }

    private BlobStoreException Disputed(string name, Blob ahead, Blob behind) => new(
        $"{name} differs: generation {generationOf(ahead.Content.Span)} in the first store (SHA-256 {ahead.ETag}), "
        + $"{generationOf(behind.Content.Span)} in the second ({behind.ETag}), and neither is known to be genuine. Both "
        + "are kept and neither is used; keep copies, and put the genuine one into both", transient: false);

    /// <summary>
    /// The first lacks what the second has. A deletion leaves its note before it begins and takes it away after it has
    /// ended; so no note, and the second still having it when looked at afterwards, means: the first lost it.
    /// </summary>
    private async ValueTask<bool> RestoreAsync(string name, CancellationToken cancel)
    {
        if (await second.StatAsync(TwinNames.GoneOf(name), cancel) is not null)
        {
            await second.DeleteAsync(name, cancel);
            return false;
        }
        return await second.GetAsync(name, cancel) is { } left
            && (await first.PutIfAbsentAsync(name, left.Content, cancel)).Done;
    }
}

/// <summary>A streamed put into both: the first decides.</summary>
internal sealed class TwinWriter(IBlobWriter leader, IBlobWriter follower, string name, TwinLevel level) : IBlobWriter
{
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        var leading = leader.WriteAsync(content, cancel).AsTask();
        await Task.WhenAll(leading, follower.WriteAsync(content, cancel).AsTask());
    }

    public async ValueTask<PutResult> CommitAsync(CancellationToken cancel)
    {
        var result = await leader.CommitAsync(cancel);
        var followed = result.Done && (await follower.CommitAsync(cancel)).Done;
        // Only a name in dispute is read whole; a streamed blob that both took isn't.
        if (!followed) await level.NameAsync(name, cancel);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await leader.DisposeAsync();
        await follower.DisposeAsync();
    }
}
