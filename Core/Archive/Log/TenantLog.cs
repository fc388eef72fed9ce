using System.Runtime.CompilerServices;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>Where a log ends: what the next batch must follow.</summary>
/// <param name="Number">Of the last batch; 0: the log is empty.</param>
/// <param name="Hash">Of the last batch; zeroes when empty.</param>
/// <param name="NextLeafIndex">Leaves in the log.</param>
/// <param name="Fence">Of the last batch.</param>
public sealed record LogPosition(ulong Number, byte[] Hash, ulong NextLeafIndex, ulong Fence)
{
    public static LogPosition Empty { get; } = new(0, LogLeaf.NoHash, 0, 0);

    public static LogPosition After(LogBatch batch) =>
        new(batch.Number, batch.Hash, batch.NextLeafIndex, batch.Fence);
}

/// <summary>
/// Either committed, with the batch as it stands in the log, or fenced: then this writer is finished.
/// </summary>
public readonly record struct CommitResult(LogBatch? Batch)
{
    public bool Committed => Batch is not null;
    public static CommitResult Fenced => default;
}

/// <summary>
/// A tenant's log in the primary store, and the right to write it. Stores can't compare fences, so the log does: batch
/// n is put-if-absent, a new writer first commits a takeover batch, and whoever finds another's batch in its place is
/// finished. docs/formats/AML1.md, "Writing". One caller at a time; reading needs no right and may run beside.
/// </summary>
public sealed class TenantLog(IBlobStore store, TenantId tenant)
{
    private LogWriter? _writer;
    private int _busy;

    /// <summary>The end as this writer knows it; null before a takeover.</summary>
    public LogPosition? Position => _writer?.Position;

    /// <summary>
    /// Finds the end and commits a takeover batch with the fence of this writer's lease. Throws
    /// <see cref="LogException"/> (Fenced: a higher fence is there already; Gap; Chain …) and
    /// <see cref="BlobStoreException"/>. Call it again after any fault of a commit.
    /// </summary>
    /// <param name="writerNonce">Random, fresh for each takeover.</param>
    /// <param name="mayWrite">Throws when the writer's lease has ended; asked right before every write.</param>
    public async ValueTask<LogPosition> TakeOverAsync(
        ulong fence, Guid writerNonce, Region region, DateTimeOffset now, CancellationToken cancel,
        Action? mayWrite = null)
    {
        using var turn = Enter();
        _writer = null;
        var takeover = new LogEntry(LogLeaf.Takeover(region, now, tenant, fence), null, null, 0);
        for (var tries = 0; tries < LogLimits.TakeOverTriesMax; tries++)
        {
            var end = await new LogEnd(store, tenant).FindAsync(cancel);
            if (end.Fence > fence)
                throw new LogException(LogFault.Fenced, $"fence {end.Fence} owns the log, {fence} is late");
            var writer = new LogWriter(store, tenant, end, fence, writerNonce);
            if (!(await writer.CommitAsync([takeover], [], mayWrite, cancel)).Committed) continue;
            _writer = writer;
            return writer.Position;
        }
        throw new BlobStoreException($"log {tenant}: another writer kept writing", transient: true);
    }

    /// <summary>
    /// Appends one batch: durable and final when it answers "committed". A lost answer is found out by reading. Throws
    /// <see cref="BlobStoreException"/> when the store can't say; the writer is then <see cref="LogFault.Uncertain"/>.
    /// </summary>
    /// <param name="entries">1 to <see cref="LogLimits.EntriesMax"/>, of this tenant.</param>
    /// <param name="mayWrite">Throws when the writer's lease has ended; asked right before every write.</param>
    /// <param name="tallies">Of the deliveries among the entries; null: none.</param>
    public async ValueTask<CommitResult> CommitAsync(
        IReadOnlyList<LogEntry> entries, CancellationToken cancel, Action? mayWrite = null,
        IReadOnlyList<LogTally>? tallies = null)
    {
        using var turn = Enter();
        if (_writer is null) throw new LogException(LogFault.Uncertain, "take the log over first");
        foreach (var entry in entries)
        {
            LogException.Unless(entry.Leaf.Tenant == tenant, LogFault.Place, "an entry of another tenant");
            LogException.Unless(entry.Leaf.Type != LeafType.Takeover, LogFault.Format, "a takeover is no entry");
        }
        return await _writer.CommitAsync(entries, tallies ?? [], mayWrite, cancel);
    }

    /// <summary>
    /// Batches from number <paramref name="from"/> (1: all) to the end, each checked against the one before it, also
    /// the first. Throws <see cref="LogException"/>: damage, Place, Chain, Gap.
    /// </summary>
    public async IAsyncEnumerable<LogBatch> ReadAsync(ulong from, [EnumeratorCancellation] CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfZero(from);
        var reader = new LogReader(store, tenant);
        var last = LogPosition.Empty;
        if (from > 1)
        {
            if (await reader.GetAsync(from - 1, cancel) is not { } before) yield break;
            last = LogPosition.After(before);
        }
        while (await reader.NextAsync(last, cancel) is { } batch)
        {
            last = LogPosition.After(batch);
            yield return batch;
        }
    }

    /// <summary>One batch, checked by itself. Throws <see cref="LogException"/> (Gap) when it isn't there.</summary>
    public async ValueTask<LogBatch> ReadOneAsync(ulong number, CancellationToken cancel) =>
        await new LogReader(store, tenant).GetAsync(number, cancel) ?? throw LogReader.Gap(number);

    private Turn Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("a tenant's log has one caller at a time");
        return new Turn(this);
    }

    private readonly struct Turn(TenantLog log) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref log._busy, 0);
    }
}
