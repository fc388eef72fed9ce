namespace AMA.Adapters.Local;

/// <summary>
/// A few threads of their own for blocking file calls, behind a bounded queue: a caller (a grain's turn, a session)
/// only awaits, and a slow disk holds up neither the thread pool nor memory.
/// </summary>
public sealed class FileThreads : IDisposable
{
    /// <summary>How long a call may hang in the kernel before the process goes on ending without it.</summary>
    private static readonly TimeSpan EndWaitMax = TimeSpan.FromSeconds(30);

    private readonly Queue<Action> _queue = new();
    private readonly SemaphoreSlim _places;
    private readonly Thread[] _threads;
    private bool _ending;

    /// <param name="name">Shown by debuggers, in front of the thread's number.</param>
    /// <param name="queueMax">Calls waiting or running; further callers wait (asynchronously) for a place.</param>
    public FileThreads(string name, int threads, int queueMax)
    {
        _places = new SemaphoreSlim(queueMax);
        _threads = [.. Enumerable.Range(0, threads).Select(number => Begin($"{name} {number}"))];
    }

    /// <summary>
    /// Runs <paramref name="work"/> on one of the threads. Cancelling takes effect only before it begins: buffers given
    /// to it belong to it until the task ends.
    /// </summary>
    public async ValueTask<T> RunAsync<T>(Func<T> work, CancellationToken cancel)
    {
        // Not back to a grain's scheduler: a busy grain would keep the place of a call that has long ended.
        await _places.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var call = new Call<T>(work);
            Enqueue(call.Run);
            return await call.Outcome.ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Ends the threads after the calls already queued; later ones throw.</summary>
    public void Dispose()
    {
        lock (_queue)
        {
            _ending = true;
            Monitor.PulseAll(_queue);
        }
        foreach (var thread in _threads) thread.Join(EndWaitMax);
    }

    private Thread Begin(string name)
    {
        var thread = new Thread(Serve) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }

    private void Enqueue(Action call)
    {
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            _queue.Enqueue(call);
            Monitor.Pulse(_queue);
        }
    }

    private void Serve()
    {
        while (Next() is { } call) call();
    }

    /// <summary>
    /// Null: no more will come. A monitor sleeps at once, where the collections that block spin first: between two
    /// commits that cost more CPU than the commits.
    /// </summary>
    private Action? Next()
    {
        lock (_queue)
        {
            while (_queue.Count == 0 && !_ending) Monitor.Wait(_queue);
            return _queue.TryDequeue(out var call) ? call : null;
        }
    }

    private sealed class Call<T>(Func<T> work)
    {
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Outcome => _outcome.Task;

        public void Run()
        {
            try
            {
                _outcome.SetResult(work());
            }
            catch (Exception fault)
            {
                _outcome.SetException(fault);
            }
        }
    }
}
