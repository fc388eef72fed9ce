using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Log.Merkle;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Keys;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// Control's audit stores, apart from its state's: each is written by itself.
/// </summary>
/// <param name="Offsite">Where checkpoints are appended too, so that both stores together can't be put back to an older
/// day. Null: nowhere.</param>
public sealed record AuditStores(IBlobStore A, IBlobStore B, IBlobStore? Offsite)
{
    /// <summary>
    /// Off site, where every batch is appended too, once a store has confirmed it: from there the log comes back when both
    /// stores were lost. Null: nowhere.
    /// </summary>
    public IBlobStore? Copies { get; init; }

    /// <param name="began">The restore with which the log began anew; 0: none.</param>
    public IBlobStore? CopyOf(uint began) =>
        Copies is { } store ? new FolderStore(store, began == 0 ? "audit/" : $"audit-{began}/") : null;

    /// <summary>
    /// Measures how long a store takes; null: the clock. A clock that jumps must not make a store late that isn't.
    /// </summary>
    public TimeProvider? Patience { get; init; }
}

/// <summary>The log in the stores is not what it was. Nothing is granted before a person has looked.</summary>
public sealed class AuditDamageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Opens the log: the longer of the two chains counts, both are compared blob by blob from the newest head on, and the
/// newest checkpoint off site must be in it. Both stores must answer; an empty one is filled.
/// </summary>
public sealed class AuditOpening(
    AuditStores stores, KeyRingSlot slot, IRandom random, TimeProvider time, ILoggerFactory logs)
{
    private TimeProvider Patience => stores.Patience ?? time;

    /// <summary>Opens and closes: what a start does before anybody may ask. Every state's newest mark.</summary>
    public async Task<IReadOnlyList<StateMark>> CheckAsync()
    {
        using var keys = new AuditKeys(slot.Ring, random);
        return (await ReadAsync(keys)).Memory.Marks;
    }

    internal async Task<AuditLog> OpenAsync()
    {
        var log = logs.CreateLogger<AuditLog>();
        var keys = new AuditKeys(slot.Ring, random);
        var (sinks, memory, nonces) = await ReadAsync(keys);
        var checkpoints = new AuditCheckpoints(sinks, memory, keys, Offsite(), log);
        return new AuditLog(sinks, memory, checkpoints, new(keys, time, log), nonces);
    }

    private async Task<(AuditSinks Sinks, AuditMemory Memory, NonceWindow Nonces)> ReadAsync(AuditKeys keys)
    {
        AuditSink[] all = [new("a", stores.A, Patience), new("b", stores.B, Patience)];
        foreach (var sink in all) sink.Next = await sink.FindEndAsync();
        var copy = await CopyAsync();
        var sinks = new AuditSinks(all, Patience, logs.CreateLogger<AuditSinks>()) { Copy = copy };
        if (copy is not null) await CompareAsync(copy, sinks);
        var reading = new AuditReplay(sinks, keys);
        var memory = await reading.ReadAsync();
        var nonces = new NonceWindow(time);
        await reading.ReadNoncesAsync(nonces, time.GetUtcNow() - NonceWindow.Length);
        if (Offsite() is { } offsite) await CheckOffsiteAsync(offsite, sinks, memory, keys);
        return (sinks, memory, nonces);
    }

    /// <summary>How many entries had been signed when Control was last restored; null: none, as far as can be seen.</summary>
    public async Task<long?> SignedBeforeRestoreAsync()
    {
        if (Offsite() is not { } offsite || slot.Ring.RestoreGeneration == 0) return null;
        var before = slot.Ring.RestoreGeneration - 1;
        var names = await offsite.NamesAsync(AuditKeys.CheckpointPrefixOf(before), null, AuditSink.QuietMax);
        if (names.Count == 0 || await offsite.GetAsync(names[^1], AuditSink.QuietMax) is not { } note) return null;
        var origin = AuditOrigin.Of(slot.Ring.Region, before);
        // Signed long ago, perhaps: by a key that has a successor.
        foreach (var key in slot.Ring.AllSigningKeys)
            if (Checkpoint.TryVerify(Encoding.UTF8.GetString(note.Span), origin, key, out var signed)) return signed.Size;
        return null;
    }

    private AuditSink? Offsite() => stores.Offsite is { } store ? new("offsite", store, Patience) : null;

    private async Task<AuditSink?> CopyAsync()
    {
        if (stores.CopyOf(slot.Ring.Document.AuditBegan) is not { } store) return null;
        var copy = new AuditSink("offsite", store, Patience);
        copy.Next = await copy.FindEndAsync();
        return copy;
    }

    /// <summary>What is off site was in a store before: a log that ends earlier, or otherwise, was put back.</summary>
    private static async Task CompareAsync(AuditSink copy, AuditSinks sinks)
    {
        if (copy.Next > sinks.Durable)
            throw new AuditDamageException(
                $"The audit log ends at batch {sinks.Durable}, and off site it goes on to {copy.Next}: both stores hold an "
                + "older copy. Put the newest copies back, or restore Control from its backup.");
        if (copy.Next == 0) return;
        var name = AuditBatch.NameOf(copy.Next - 1);
        var (here, there) = (await sinks.AnyAsync(name, AuditSink.QuietMax), await copy.GetAsync(name, AuditSink.QuietMax));
        if (here is null || there is null || !here.Value.Span.SequenceEqual(there.Value.Span))
            throw new AuditForkException(name, copy.Name);
    }

    /// <summary>
    /// The newest one is enough: a log that contains it contains what was signed before it. Those that the log's own
    /// newest head knows were checked when it was written.
    /// </summary>
    private async Task CheckOffsiteAsync(AuditSink offsite, AuditSinks sinks, AuditMemory memory, AuditKeys keys)
    {
        var known = memory.Checkpoint is { } note ? keys.Verify(note)?.Size : null;
        var after = known is > 0 ? keys.CheckpointName(known.Value - 1) : null;
        var newer = await offsite.NamesAsync(keys.CheckpointPrefix, after, AuditSink.QuietMax);
        if (newer.Count == 0) return;
        var blob = await offsite.GetAsync(newer[^1], AuditSink.QuietMax);
        var signed = blob is null ? null : keys.Verify(Encoding.UTF8.GetString(blob.Value.Span));
        if (signed is null)
            throw new AuditDamageException($"{newer[^1]} in the off-site backup is not a checkpoint of this Control.");
        if (signed.Size > memory.Entries) throw RolledBack(signed, memory.Entries);
        using var checkpoints = new AuditCheckpoints(sinks, memory, keys, null, logs.CreateLogger<AuditLog>());
        var root = await memory.Tree().RootAsync(signed.Size, checkpoints.ReadTileAsync, default);
        if (!root.AsSpan().SequenceEqual(signed.Root)) throw RolledBack(signed, memory.Entries);
    }

    private static AuditDamageException RolledBack(Checkpoint signed, long entries) => new(
        $"The audit log has {entries} entries and does not contain the {signed.Size} that Control signed off site: both "
        + "stores hold an older or another copy. Put the newest copies back, or restore Control from its backup.");
}

/// <summary>Reads the log's end from both stores.</summary>
internal sealed class AuditReplay(AuditSinks sinks, AuditKeys keys)
{
    private readonly AuditSink _longer = sinks.All.MaxBy(sink => sink.Next)!;
    private readonly Stack<AuditBatch> _tail = new();
    private ulong _first;

    public async Task<AuditMemory> ReadAsync()
    {
        var memory = new AuditMemory(await NewestHeadAsync());
        _first = memory.End.Next;
        await CompareSeamAsync();
        for (var number = _first; number < _longer.Next; number++)
        {
            var blob = await BlobAsync(number);
            var batch = Open(blob.Span, number);
            var (_, previous, last) = memory.End;
            if (!batch.Previous.AsSpan().SequenceEqual(previous) || batch.FirstEntry != memory.Entries || batch.Time < last)
                throw Broken(number);
            memory.Learn(batch, SHA256.HashData(blob.Span));
            _tail.Push(batch);
        }
        return memory;
    }

    /// <summary>Goes back beyond the head as far as requests could be replayed.</summary>
    public async Task ReadNoncesAsync(NonceWindow nonces, DateTimeOffset oldest)
    {
        var before = new Stack<AuditBatch>();
        for (var number = _first; number > 0; number--)
        {
            var batch = Open((await BlobAsync(number - 1)).Span, number - 1);
            if (batch.Time <= oldest) break;
            before.Push(batch);
        }
        foreach (var batch in before.Concat(_tail.Reverse()).Where(batch => batch.Time > oldest))
            foreach (var line in batch.Lines)
                if (line.Nonce is not null) nonces.TryAdd(line.Nonce, batch.Time);
    }

    /// <summary>The newest head that fits the batches; null: the log is read from its beginning.</summary>
    private async Task<AuditHead?> NewestHeadAsync()
    {
        AuditHead? newest = null;
        foreach (var sink in sinks.All)
        {
            foreach (var name in (await sink.NamesAsync(AuditHead.Prefix, null, AuditSink.QuietMax)).AsEnumerable().Reverse())
            {
                var blob = await sink.GetAsync(name, AuditSink.QuietMax);
                if (blob is null || keys.OpenHead(blob.Value.Span) is not { } head || !await FitsAsync(head)) continue;
                sink.TiledEntries = head.Entries;
                if (newest is null || head.Next > newest.Next) newest = head;
                break;
            }
        }
        return newest;
    }

    private async Task<bool> FitsAsync(AuditHead head)
    {
        if (head.Next == 0 || head.Next > _longer.Next) return false;
        var last = await _longer.GetAsync(AuditBatch.NameOf(head.Next - 1), AuditSink.QuietMax);
        return last is { } blob && SHA256.HashData(blob.Span).AsSpan().SequenceEqual(head.Previous);
    }

    /// <summary>What lies before the head was compared when the head was written; its seam is looked at again.</summary>
    private async Task CompareSeamAsync()
    {
        foreach (var sink in sinks.All.Where(sink => sink.Next > 0))
            await BlobAsync(Math.Min(sink.Next, Math.Max(_first, 1)) - 1);
    }

    /// <summary>From the longer one, the same in every store that holds it.</summary>
    private async Task<ReadOnlyMemory<byte>> BlobAsync(ulong number)
    {
        var name = AuditBatch.NameOf(number);
        var blob = await _longer.GetAsync(name, AuditSink.QuietMax)
            ?? throw new AuditDamageException($"{name} is missing from audit store {_longer.Name}.");
        foreach (var other in sinks.All.Where(sink => sink != _longer && sink.Next > number))
        {
            var copy = await other.GetAsync(name, AuditSink.QuietMax);
            if (copy is null || !copy.Value.Span.SequenceEqual(blob.Span)) throw new AuditForkException(name, other.Name);
        }
        return blob;
    }

    private AuditBatch Open(ReadOnlySpan<byte> blob, ulong number)
    {
        try
        {
            var batch = keys.OpenBatch(blob);
            return batch.Number == number ? batch : throw Broken(number);
        }
        catch (SealException fault)
        {
            throw Broken(number, fault);
        }
    }

    private static AuditDamageException Broken(ulong number, Exception? inner = null) =>
        new($"Batch {number} of the audit log does not follow from what lies before it.", inner);
}
