using System.Security.Cryptography;
using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// The log while it is open: takes entries, many to a batch, and answers each when a sink has confirmed its batch.
/// Opened by <see cref="AuditOpening"/>. For callers on one scheduler, as a grain's are.
/// </summary>
internal sealed partial class AuditLog(
    AuditSinks sinks, AuditMemory memory, AuditCheckpoints checkpoints, AuditTools tools, NonceWindow nonces)
    : IAsyncDisposable
{
    /// <summary>Entries that wait for their write; beyond, callers are refused.</summary>
    private const int WaitingMax = 4096;

    /// <summary>While there is news. After a kill so much may be without a signature, though never without a copy.
    /// </summary>
    public static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(5);

    private readonly ILogger _log = tools.Log;
    private readonly Queue<Waiting> _waiting = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _writing = Task.CompletedTask;
    private Task _checkpointing = Task.CompletedTask;
    private (AuditBatch Batch, byte[] Hash)? _unconfirmed;

    public AuditMemory Memory => memory;

    public AuditSinks Sinks => sinks;

    public AuditCheckpoints Checkpoints => checkpoints;

    public void Start()
    {
        sinks.Start();
        _checkpointing = CheckpointAsync();
    }

    public bool Seen(byte[] nonce) => nonces.Contains(nonce);

    public StateMark? MarkOf(string name)
    {
        TakeIn();
        return memory.MarkOf(name);
    }

    /// <summary>
    /// Whether an entry would be taken now. False while the last batch has no copy: who changes a state in such a time
    /// would only add to what nobody is told of.
    /// </summary>
    public bool IsReady
    {
        get
        {
            TakeIn();
            var isStuck = _unconfirmed is not null && _writing.IsCompleted;
            return !isStuck && sinks.Fork is null && _waiting.Count < WaitingMax;
        }
    }

    /// <summary>
    /// Returns when the entry is durable. False: the nonce was granted before, and nothing was written. Throws
    /// <see cref="ControlException"/> (Unavailable): the caller must not answer. The entry may still get on record, as
    /// one that could have been answered.
    /// </summary>
    public async Task<bool> AppendAsync(byte[] entry, byte[]? nonce)
    {
        if (!IsReady) throw Unavailable();
        if (nonce is not null && !nonces.TryAdd(nonce)) return false;
        var waiting = new Waiting(new(entry, nonce, tools.Keys.Random.NextBytes(AuditLine.SaltBytes)));
        _waiting.Enqueue(waiting);
        if (_writing.IsCompleted) _writing = WriteAllAsync();
        await waiting.Done.Task;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _writing;
        await _stop.CancelAsync();
        await _checkpointing;
        TakeIn();
        if (sinks.Fork is null) await checkpoints.NewestAsync();
        await sinks.DisposeAsync();
        checkpoints.Dispose();
        tools.Keys.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        while (_waiting.Count > 0)
        {
            var taken = new List<Waiting>();
            while (taken.Count < AuditBatch.LinesMax && _waiting.TryDequeue(out var waiting)) taken.Add(waiting);
            try
            {
                if (!await WriteAsync([.. taken.Select(waiting => waiting.Line)])) Refuse(taken, null);
                taken.ForEach(waiting => waiting.Done.TrySetResult());
            }
            catch (Exception fault)
            {
                Refuse(taken, fault);
            }
        }
    }

    /// <summary>
    /// False: not confirmed in time. The batch stays the chain's next one, whatever comes: a store may have it already.
    /// </summary>
    private async Task<bool> WriteAsync(IReadOnlyList<AuditLine> lines)
    {
        var (next, previous, last) = memory.End;
        var now = tools.Time.GetUtcNow();
        var batch = new AuditBatch(next, now > last ? now : last, previous, memory.Entries, lines);
        var blob = tools.Keys.Seal(batch);
        _unconfirmed = (batch, SHA256.HashData(blob));
        if (!await sinks.OfferAsync(next, blob)) return false;
        TakeIn();
        return true;
    }

    /// <summary>Learns the batch that was written last, once it is durable.</summary>
    private void TakeIn()
    {
        if (_unconfirmed is not { } written || sinks.Durable <= written.Batch.Number) return;
        memory.Learn(written.Batch, written.Hash);
        _unconfirmed = null;
    }

    private void Refuse(List<Waiting> taken, Exception? fault)
    {
        LogRefused(memory.End.Next, fault);
        while (_waiting.TryDequeue(out var waiting)) taken.Add(waiting);
        taken.ForEach(waiting => waiting.Done.TrySetException(Unavailable()));
    }

    private async Task CheckpointAsync()
    {
        var elapsed = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(LookInterval, tools.Time, _stop.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            TakeIn();
            elapsed += LookInterval;
            if (elapsed < CheckpointInterval && !checkpoints.IsDue || _stop.IsCancellationRequested) continue;
            elapsed = TimeSpan.Zero;
            await checkpoints.NewestAsync();
        }
    }

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    public static ControlException Unavailable() =>
        new(ControlRefusal.Unavailable, "Control could not record this, so it does not answer; try again.");

    private sealed class Waiting(AuditLine line)
    {
        public AuditLine Line { get; } = line;

        // Continuations run on the grain's scheduler either way; asynchronously, so that the loop isn't inside them.
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(1, LogLevel.Error,
        "ALARM: no audit store confirmed batch {number} in time; nothing is granted until one does")]
    private partial void LogRefused(ulong number, Exception? fault);
}

/// <summary>What the log works with.</summary>
internal sealed record AuditTools(AuditKeys Keys, TimeProvider Time, ILogger Log);
