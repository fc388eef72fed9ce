using System.Security.Cryptography;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Audit;

/// <summary>The region's audit log, and its memory of request nonces. Key: the region.</summary>
[Alias("ama.control.internal.audit")]
internal interface IAuditGrain : IGrainWithStringKey
{
    /// <summary>
    /// Returns when the entry is durable in both stores. False: <paramref name="nonce"/> was granted before, and
    /// nothing was written. Throws <see cref="ControlException"/> (Unavailable): the caller must not answer.
    /// </summary>
    /// <remarks>Interleaves, so that one write takes all entries that came during the one before. It only joins the
    /// line; a single loop writes.</remarks>
    [Alias("append"), AlwaysInterleave] Task<bool> Append(byte[] entry, byte[]? nonce);

    /// <summary>Whether a request with this nonce was granted lately. Reads memory only.</summary>
    [Alias("seen"), AlwaysInterleave] Task<bool> Seen(byte[] nonce);

    /// <summary>
    /// The newest mark of this name that is durable in the log, or null. Survives a restart. Reads memory only.
    /// </summary>
    [Alias("mark-of"), AlwaysInterleave] Task<StateMark?> MarkOf(string name);
}

internal static class AuditAppending
{
    public static Task<bool> Append(this IAuditGrain audit, AuditEntry entry, byte[]? nonce) =>
        audit.Append(entry.Encode(), nonce);
}

[GrainType("ama.control.audit")]
public sealed partial class AuditGrain(
    IBlobStore store, KeyRing ring, IRandom random, TimeProvider time, ILogger<AuditGrain> log)
    : Grain, IAuditGrain
{
    /// <summary>Entries that wait for their write; beyond, callers are refused.</summary>
    private const int WaitingMax = 4096;

    private readonly Queue<Waiting> _waiting = new();
    private readonly NonceWindow _nonces = new(time);
    private readonly Dictionary<string, StateMark> _marks = [];
    private Secret _key = null!;
    private ulong _next;
    private byte[] _previous = new byte[AuditBatch.HashBytes];
    private Task _writing = Task.CompletedTask;
    private bool _broken;

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _key = ring.Derive("ama/control-audit@v1");
        _next = await FindEndAsync(cancel);
        await LoadTailAsync(cancel);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _key.Dispose();
    }

    Task<bool> IAuditGrain.Seen(byte[] nonce) => Task.FromResult(_nonces.Contains(nonce));

    Task<StateMark?> IAuditGrain.MarkOf(string name) => Task.FromResult(_marks.GetValueOrDefault(name));

    async Task<bool> IAuditGrain.Append(byte[] entry, byte[]? nonce)
    {
        if (_broken || _waiting.Count >= WaitingMax) throw Unavailable();
        if (nonce is not null && !_nonces.TryAdd(nonce)) return false;
        var waiting = new Waiting(new(entry, nonce));
        _waiting.Enqueue(waiting);
        if (_writing.IsCompleted) _writing = WriteAllAsync();
        await waiting.Done.Task;
        return true;
    }

    private async Task WriteAllAsync()
    {
        while (_waiting.Count > 0)
        {
            var taken = new List<Waiting>();
            while (taken.Count < AuditBatch.LinesMax && _waiting.TryDequeue(out var waiting)) taken.Add(waiting);
            try
            {
                await WriteAsync([.. taken.Select(waiting => waiting.Line)]);
                taken.ForEach(waiting => waiting.Done.TrySetResult());
            }
            catch (Exception fault)
            {
                Break(taken, fault);
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<AuditLine> lines)
    {
        var blob = new AuditBatch(_next, time.GetUtcNow(), _previous, lines).Seal(_key, random);
        var result = await store.PutIfAbsentAsync(AuditBatch.NameOf(_next), blob, CancellationToken.None);
        if (!result.Done) throw new InvalidOperationException("another activation writes the audit log");
        _previous = SHA256.HashData(blob);
        _next++;
        Learn(lines);
    }

    private void Learn(IReadOnlyList<AuditLine> lines)
    {
        foreach (var line in lines)
            if (AuditEntry.Decode(line.Entry).Mark is { } mark) _marks[mark.Name] = mark;
    }

    /// <summary>
    /// Whether the batch was written is unknown: only a new activation, which reads the end again, goes on.
    /// </summary>
    private void Break(List<Waiting> taken, Exception fault)
    {
        _broken = true;
        LogBroken(_next, fault);
        DeactivateOnIdle();
        while (_waiting.TryDequeue(out var waiting)) taken.Add(waiting);
        taken.ForEach(waiting => waiting.Done.TrySetException(Unavailable()));
    }

    /// <summary>The first number without a blob. Numbers have no gaps, so halving finds it.</summary>
    private async Task<ulong> FindEndAsync(CancellationToken cancel)
    {
        var above = 1ul;
        while (await Exists(above - 1)) above *= 2;
        var (low, high) = (above / 2, above - 1);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (await Exists(middle)) low = middle + 1;
            else high = middle;
        }
        return low;

        async Task<bool> Exists(ulong number) => await store.StatAsync(AuditBatch.NameOf(number), cancel) is not null;
    }

    /// <summary>Reads the newest marks, and what was granted within the nonce window.</summary>
    private async Task LoadTailAsync(CancellationToken cancel)
    {
        var oldest = time.GetUtcNow() - NonceWindow.Length;
        for (var number = 0ul; number < _next; number++)
        {
            var blob = await store.GetAsync(AuditBatch.NameOf(number), cancel)
                ?? throw new InvalidOperationException("the audit log has a gap");
            var batch = AuditBatch.Open(_key, blob.Content.Span);
            _previous = SHA256.HashData(blob.Content.Span);
            Learn(batch.Lines);
            if (batch.Time <= oldest) continue;
            foreach (var line in batch.Lines)
                if (line.Nonce is not null) _nonces.TryAdd(line.Nonce, batch.Time);
        }
    }

    private static ControlException Unavailable() =>
        new(ControlRefusal.Unavailable, "Control could not record this, so it does not answer; try again.");

    private sealed class Waiting(AuditLine line)
    {
        public AuditLine Line { get; } = line;

        // Continuations run on the grain's scheduler either way; asynchronously, so that the loop isn't inside them.
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(1, LogLevel.Error, "Audit batch {number} could not be written; the activation ends")]
    private partial void LogBroken(ulong number, Exception fault);
}
