using AMA.Archive.Blobs;
using AMA.Archive.Ids;

namespace AMA.Archive.Log;

/// <summary>One writer's life, from its takeover until it is fenced or uncertain.</summary>
internal sealed class LogWriter(IBlobStore store, TenantId tenant, LogPosition start, ulong fence, Guid nonce)
{
    private LogFault? _ended;

    public LogPosition Position { get; private set; } = start;

    /// <param name="mayWrite">Throws when the writer's time is over; asked right before every try.</param>
    public async ValueTask<CommitResult> CommitAsync(
        IReadOnlyList<LogEntry> entries, IReadOnlyList<LogTally> tallies, Action? mayWrite, CancellationToken cancel)
    {
        if (_ended == LogFault.Fenced) return CommitResult.Fenced;
        if (_ended is { } fault) throw new LogException(fault, "an earlier commit's outcome isn't known");
        var batch = new LogBatch(
            Position.Number + 1, Position.Hash, fence, nonce, Position.NextLeafIndex, entries, tallies);
        // Encoded before the first try: what can't be encoded must not end the writer.
        var bytes = batch.Encode();
        mayWrite?.Invoke(); // before anything is in doubt
        _ended = LogFault.Uncertain;
        if (!await PutAsync(LogNames.Of(tenant, batch.Number), bytes, mayWrite, cancel))
        {
            _ended = LogFault.Fenced;
            return CommitResult.Fenced;
        }
        _ended = null;
        Position = LogPosition.After(batch);
        return new CommitResult(batch);
    }

    /// <summary>
    /// True: our bytes hold the name. After a fault the same put is tried again: it can't write twice, and when the
    /// first one did write, the name holds our own bytes, nonce included.
    /// </summary>
    private async ValueTask<bool> PutAsync(
        string name, byte[] bytes, Action? mayWrite, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            mayWrite?.Invoke();
            try
            {
                if ((await store.PutIfAbsentAsync(name, bytes, cancel)).Done) return true;
                return await IsOursAsync(name, bytes, cancel);
            }
            catch (BlobStoreException fault) when (fault.Transient && tries < LogLimits.CommitTriesMax)
            {
            }
        }
    }

    private async ValueTask<bool> IsOursAsync(string name, byte[] bytes, CancellationToken cancel)
    {
        var found = await store.GetAsync(name, cancel)
            ?? throw new BlobStoreException($"{name} is taken, but isn't there", transient: true);
        return found.Content.Span.SequenceEqual(bytes);
    }
}
