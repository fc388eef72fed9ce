namespace AMA.Tests.Unit.Grains.Control.Audit;

/// <summary>
/// One piece of work after another, as on a grain's scheduler, so that nothing runs between two lines of a test and
/// "everybody waits" can be told.
/// </summary>
internal sealed class Turns : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Work, object? State)> _waiting = new();
    private bool _running;

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _waiting.Enqueue((d, state));
            if (_running) return;
            _running = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static turns => turns.Run(), this, preferLocal: false);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Until nothing waits for its turn, twice: a signal may take its way through the thread pool.</summary>
    public async Task SettleAsync()
    {
        await DrainAsync();
        await PassThePoolAsync();
        await DrainAsync();
    }

    private static async Task PassThePoolAsync() =>
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

    private async Task DrainAsync()
    {
        do await Task.Yield();
        while (IsAnyWaiting());
    }

    private bool IsAnyWaiting()
    {
        lock (_gate) return _waiting.Count > 0;
    }

    private void Run()
    {
        while (true)
        {
            (SendOrPostCallback Work, object? State) next;
            lock (_gate)
            {
                _running = _waiting.TryDequeue(out next);
                if (!_running) return;
            }
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                next.Work(next.State);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}
