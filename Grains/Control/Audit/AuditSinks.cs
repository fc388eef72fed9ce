using AMA.Archive.Blobs;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// Both sinks. A batch goes to each by itself, in order; one confirmation is enough. A sink that is away blocks nobody:
/// it is tried again, ever more seldom, and brought level from the beginning of its gap. A copy elsewhere follows in the
/// same way, and its word counts for nothing.
/// </summary>
internal sealed partial class AuditSinks(IReadOnlyList<AuditSink> sinks, TimeProvider time, ILogger log)
    : IAsyncDisposable
{
    /// <summary>So much is kept in memory for a sink that is behind; older batches it gets from the other one.</summary>
    private const int RecentMax = 1_024;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, byte[]> _recent = [];
    private readonly CancellationTokenSource _stop = new();
    private Task[] _pumps = [];
    private TaskCompletionSource _moved = NewSignal();
    private ulong _end;
    private AuditForkException? _fork;

    public IReadOnlyList<AuditSink> All => sinks;

    /// <summary>Gets what the sinks have. Null: there is none.</summary>
    public AuditSink? Copy { get; init; }

    /// <summary>Batches that at least one sink holds.</summary>
    public ulong Durable => sinks.Max(sink => sink.Next);

    /// <summary>Set for ever once two histories were seen.</summary>
    public AuditForkException? Fork => Volatile.Read(ref _fork);

    public void Start()
    {
        _end = Durable;
        IEnumerable<AuditSink> all = Copy is null ? sinks : sinks.Append(Copy);
        _pumps = [.. all.Select(PumpAsync)];
    }

    /// <summary>
    /// True when a sink has confirmed the batch within <see cref="AuditSink.ConfirmMax"/>. False: not yet. It will go
    /// on trying, for the batch is in the chain now, and whether a store has it is not known.
    /// </summary>
    public async Task<bool> OfferAsync(ulong number, byte[] blob)
    {
        lock (_gate)
        {
            _recent[number] = blob;
            _recent.Remove(number - RecentMax);
            _end = number + 1;
        }
        Signal();
        await MovedAsync(() => Durable > number || sinks.All(sink => sink.IsAway));
        return Durable > number ? true : Fork is { } fork ? throw fork : false;
    }

    /// <summary>Gives a sink that is not away a moment to come so far.</summary>
    public Task ReachAsync(AuditSink sink, ulong next) => MovedAsync(() => sink.Next >= next || sink.IsAway);

    /// <summary>From memory, else from the sinks that hold it.</summary>
    public async Task<ReadOnlyMemory<byte>> BatchAsync(ulong number, TimeSpan limit)
    {
        lock (_gate)
        {
            if (_recent.TryGetValue(number, out var recent)) return recent;
        }
        return await FirstAsync(AuditBatch.NameOf(number), sinks.Where(sink => sink.Next > number), limit)
            ?? throw new BlobStoreException($"no audit store gives batch {number}", transient: true);
    }

    /// <summary>The blob from whichever sink has it, those first that aren't away; null when none has.</summary>
    public Task<ReadOnlyMemory<byte>?> AnyAsync(string name, TimeSpan limit) => FirstAsync(name, sinks, limit);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_pumps);
        _stop.Dispose();
    }

    /// <summary>Until the condition holds, histories part, or as long as a confirmation may take.</summary>
    private async Task MovedAsync(Func<bool> condition)
    {
        var limit = Task.Delay(AuditSink.ConfirmMax, time, _stop.Token);
        while (true)
        {
            var moved = Volatile.Read(ref _moved).Task;
            if (condition() || Fork is not null || await Task.WhenAny(moved, limit) == limit) return;
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> FirstAsync(
        string name, IEnumerable<AuditSink> candidates, TimeSpan limit)
    {
        BlobStoreException? away = null;
        foreach (var sink in candidates.OrderBy(sink => sink.IsAway))
        {
            try
            {
                if (await sink.GetAsync(name, limit) is { } found) return found;
            }
            catch (BlobStoreException fault)
            {
                away = fault;
            }
        }
        return away is null ? null : throw away;
    }

    private async Task PumpAsync(AuditSink sink)
    {
        var pause = FirstRetry;
        while (!_stop.IsCancellationRequested && Fork is null)
        {
            try
            {
                var moved = Volatile.Read(ref _moved).Task;
                if (await TryNextAsync(sink)) pause = FirstRetry;
                else await moved.WaitAsync(_stop.Token);
            }
            catch (AuditForkException fork)
            {
                Volatile.Write(ref _fork, fork);
                LogFork(fork.Message);
                Signal();
            }
            catch (BlobStoreException fault)
            {
                LeaveBehind(sink, fault);
                await Task.Delay(pause, time, _stop.Token).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>False when the sink is level.</summary>
    private async Task<bool> TryNextAsync(AuditSink sink)
    {
        if (sink.Next == EndOf(sink)) return false;
        // One that is away has time: nobody waits for it, and a slow store comes level only if it may be slow.
        var limit = sink.IsAway ? AuditSink.QuietMax : AuditSink.ConfirmMax;
        var blob = await BatchAsync(sink.Next, limit);
        await sink.PutAsync(AuditBatch.NameOf(sink.Next), blob, limit);
        sink.Next++;
        if (sink.IsAway && sink.Next == EndOf(sink))
        {
            sink.IsAway = false;
            LogLevelAgain(sink.Name, sink.Next);
        }
        Signal();
        return true;
    }

    /// <summary>The copy is to hold nothing that no store has.</summary>
    private ulong EndOf(AuditSink sink)
    {
        if (sink == Copy) return Durable;
        lock (_gate) return _end;
    }

    private void LeaveBehind(AuditSink sink, BlobStoreException fault)
    {
        if (!sink.IsAway) LogAway(sink.Name, sink.Next, fault);
        sink.IsAway = true;
        Signal();
    }

    private void Signal() => Interlocked.Exchange(ref _moved, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(1, LogLevel.Error,
        "ALARM: audit store {name} is away at batch {number}; the log goes on without it")]
    private partial void LogAway(string name, ulong number, Exception fault);

    [LoggerMessage(2, LogLevel.Warning,
        "Audit store {name} is level again at batch {number}")]
    private partial void LogLevelAgain(string name, ulong number);

    [LoggerMessage(3, LogLevel.Critical, "ALARM: {fork}")]
    private partial void LogFork(string fork);
}
