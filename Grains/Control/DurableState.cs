using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace AMA.Grains.Control;

/// <summary>
/// A grain's state of which only the durable value can be seen: a new one shows when both stores have it. After a
/// failed write memory and stores may differ, so the activation ends and the next one reads again.
/// </summary>
internal sealed partial class DurableState<T>(IPersistentState<T> stored, Action deactivate, ILogger log)
    where T : class
{
    public T Value { get; private set; } = stored.State;

    public bool Exists => stored.RecordExists;

    /// <summary>
    /// Returns when <paramref name="next"/> is durable. Throws <see cref="ControlException"/> (Unavailable).
    /// </summary>
    public async Task WriteAsync(T next)
    {
        try
        {
            stored.State = next;
            await stored.WriteStateAsync();
        }
        catch (Exception fault)
        {
            deactivate();
            LogWriteFailed(typeof(T).Name, fault);
            throw new ControlException(ControlRefusal.Unavailable, "Control could not store its state; try again.");
        }
        Value = next;
    }

    [LoggerMessage(1, LogLevel.Error, "State {state} could not be written; the activation ends")]
    private partial void LogWriteFailed(string state, Exception fault);
}
