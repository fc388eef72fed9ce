using System.Text;
using AMA.Archive.Blobs;
using AMA.Archive.Log.Merkle;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// Signs what the log holds, keeps the signature in both stores and off site, and beside it what a start and a proof
/// need: the tree's full tiles, and a head. One round at a time.
/// </summary>
internal sealed partial class AuditCheckpoints(
    AuditSinks sinks, AuditMemory memory, AuditKeys keys, AuditSink? offsite, ILogger log) : IDisposable
{
    private const int HeadsKept = 2;

    private readonly SemaphoreSlim _turn = new(1);
    private ulong _lastHead;

    /// <summary>So many batches are read at most by a start, after a kill.</summary>
    public const ulong TailMax = 1_024;

    public bool IsDue => memory.End.Next - Volatile.Read(ref _lastHead) >= TailMax;

    /// <summary>The newest checkpoint: a new one when there are entries that the last one doesn't cover.</summary>
    public async Task<string> NewestAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (memory.Checkpoint is { } last && keys.Verify(last)?.Size == memory.Entries) return last;
            // Tree and end are one moment's: nothing may be learned in between.
            var head = memory.ToHead();
            var tree = MerkleTree.Resume(head.Entries, head.Edge);
            var note = keys.Sign(new Checkpoint(keys.Origin, head.Entries, tree.Root()));
            memory.Checkpoint = note;
            await KeepAsync(head with { Checkpoint = note }, note);
            return note;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task KeepAsync(AuditHead head, string note)
    {
        var name = keys.CheckpointName(head.Entries);
        var text = Encoding.UTF8.GetBytes(note);
        var keeping = sinks.All.Select(sink => TryAsync(sink, () => KeepAsync(sink, head, name, text))).ToArray();
        if (sinks.Copy is { } copy) await sinks.ReachAsync(copy, head.Next);
        if (offsite is not null) await TryAsync(offsite, () => offsite.PutAsync(name, text, AuditSink.QuietMax));
        if ((await Task.WhenAll(keeping)).All(kept => kept)) memory.ForgetTiles(head.Entries);
        Volatile.Write(ref _lastHead, head.Next);
    }

    /// <summary>A head comes last: where there is one, its tiles and its batches are there too.</summary>
    private async Task KeepAsync(AuditSink sink, AuditHead head, string name, byte[] note)
    {
        await sinks.ReachAsync(sink, head.Next);
        if (sink.Next < head.Next) throw new BlobStoreException($"audit store {sink.Name} is behind", transient: true);
        foreach (var (level, number) in AuditTiles.Between(sink.TiledEntries, head.Entries))
        {
            var tile = await ReadTileAsync(level, number, default)
                ?? throw new BlobStoreException($"no store has {MerkleTile.NameOf(level, number)}", transient: true);
            await sink.PutAsync(MerkleTile.NameOf(level, number), tile, AuditSink.QuietMax);
        }
        await sink.PutAsync(name, note, AuditSink.QuietMax);
        await sink.PutAnyAsync(AuditHead.NameOf(head.Next), keys.Seal(head), AuditSink.QuietMax);
        sink.TiledEntries = head.Entries;
        var heads = await sink.NamesAsync(AuditHead.Prefix, null, AuditSink.QuietMax);
        foreach (var old in heads.SkipLast(HeadsKept)) await sink.DeleteAsync(old, AuditSink.QuietMax);
    }

    public async ValueTask<byte[]?> ReadTileAsync(int level, long number, CancellationToken cancel) =>
        memory.Tile(level, number)
        ?? (await sinks.AnyAsync(MerkleTile.NameOf(level, number), AuditSink.QuietMax))?.ToArray();

    private async Task<bool> TryAsync(AuditSink sink, Func<Task> keep)
    {
        try
        {
            await keep();
            return true;
        }
        catch (Exception fault) when (fault is BlobStoreException or AuditForkException)
        {
            LogNotKept(sink.Name, fault);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "ALARM: the audit log's checkpoint could not be kept in store {name}")]
    private partial void LogNotKept(string name, Exception fault);
}
