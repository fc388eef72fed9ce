namespace AMA.Grains.Archive.Index;

/// <remarks>What the index loses. docs/erasure.md.</remarks>
public sealed partial class IndexGrain
{
    public async Task Erase(Guid[] records)
    {
        var index = await OpenAsync();
        await WritingAsync(() => index.EraseAsync(records));
    }

    public async Task KeepOnly(Guid[] records)
    {
        var index = await OpenAsync();
        await WritingAsync(() => index.KeepOnlyAsync(records));
    }

    public async Task Delete()
    {
        await _opening.WaitAsync();
        try
        {
            if (_open is { } open) await open.DisposeAsync();
            _open = null;
            await room.DeleteAsync(_part);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async Task<bool> Rewrite(ulong version)
    {
        // Open since before the key was turned, it would go on writing under the old one.
        if (_open is { } open && open.Index.WriteVersion != version) await Close();
        var index = await OpenAsync();
        if (index.Index.WriteVersion != version) return false;
        var done = false;
        await WritingAsync(async () => done = await index.RewriteAsync());
        return done;
    }
}
