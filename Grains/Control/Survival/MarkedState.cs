using AMA.Archive.Blobs;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// A durable state of which an older copy, put back into both stores, is refused: each write leaves its generation in
/// the audit log, and what is read must not be behind it. Else a restored disk would bring erased keys back.
/// </summary>
internal sealed partial class MarkedState<T>(
    IPersistentState<T> stored, IAuditGrain audit, TimeProvider time, Action deactivate, ILogger log)
    where T : class
{
    private readonly DurableState<T> _state = new(stored, deactivate, log);
    private ControlException? _refusal;
    private bool _mayPass;

    /// <summary>Throws <see cref="ControlException"/> when what the stores hold was refused.</summary>
    public T Value => _refusal is null ? _state.Value : throw Refused();

    public bool Exists => _refusal is null ? _state.Exists : throw Refused();

    /// <summary>Null when what the stores hold was refused: for an activation, which must throw nothing.</summary>
    public T? Checked => _refusal is null ? _state.Value : null;

    /// <summary>
    /// Of a state that isn't off site the region's restore generation, since each restore begins it anew; otherwise 0.
    /// </summary>
    public uint Life { get; init; }

    /// <summary>
    /// Before the first use: compares what was read with what the audit log knows to be the newest. Throws nothing: a
    /// caller could not read the fault of an activation. Who uses the state then hears of it.
    /// </summary>
    public async Task CheckAsync()
    {
        try
        {
            if (await StateMarks.RefusalOf(audit, Version) is not { } reason) return;
            LogRefused(typeof(T).Name, reason);
            _refusal = new(ControlRefusal.Unavailable, $"Control refuses a state that was put back: {reason}.");
            await StateMarks.RecordRefusal(audit, reason, time.GetUtcNow());
        }
        catch (Exception fault)
        {
            LogUnchecked(typeof(T).Name, fault);
            _mayPass = _refusal is null;
            _refusal ??= new(ControlRefusal.Unavailable, "Control could not read its own records; try again.");
        }
    }

    /// <summary>
    /// After <see cref="CheckAsync"/>: what must be done to the state before anybody uses it. Throws nothing either; as
    /// long as it fails, the state is refused.
    /// </summary>
    /// <param name="change">The state as it must be; null: nothing to do.</param>
    public async Task CatchUpAsync(Func<T, Task<T?>> change)
    {
        if (_refusal is not null || !_state.Exists) return;
        try
        {
            if (await change(_state.Value) is { } next) await WriteAsync(next);
        }
        catch (Exception fault)
        {
            LogBehind(typeof(T).Name, fault);
            _mayPass = true;
            _refusal = new(ControlRefusal.Unavailable, $"Control was restored and must catch up first: {fault.Message}");
        }
    }

    /// <summary>
    /// Returns when <paramref name="next"/> is durable and known as the newest. Throws <see cref="ControlException"/>.
    /// </summary>
    public async Task WriteAsync(T next)
    {
        await WriteUnmarkedAsync(next);
        // After the write: a mark without its state would lock the state out for ever.
        await StateMarks.Record(audit, Version, time.GetUtcNow());
    }

    /// <summary>
    /// The same, but the caller records the mark, with the entry of the act, before anybody hears of it.
    /// </summary>
    public async Task<StateMark> WriteUnmarkedAsync(T next)
    {
        if (_refusal is not null) throw Refused();
        // Else each retry while no audit store answers would leave a lease, and leaves, that nobody ever gets.
        if (!await audit.Ready()) throw AuditLog.Unavailable();
        await _state.WriteAsync(next);
        return StateMarks.Of(Version);
    }

    private StateVersion Version => StateMarks.InLife(StateVersion.Parse(stored.Etag!), Life);

    /// <summary>After a fault that may pass, the next activation looks again.</summary>
    private ControlException Refused()
    {
        if (_mayPass) deactivate();
        return new(_refusal!.Refusal, _refusal.Message);
    }

    [LoggerMessage(3, LogLevel.Critical, "State {state} could not catch up after a restore")]
    private partial void LogBehind(string state, Exception fault);

    [LoggerMessage(2, LogLevel.Error, "State {state} could not be compared with the audit log")]
    private partial void LogUnchecked(string state, Exception fault);

    [LoggerMessage(1, LogLevel.Critical, "State {state} is refused: {reason}")]
    private partial void LogRefused(string state, string reason);
}
