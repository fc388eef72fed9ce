using System.Collections.Concurrent;

namespace AMA.Grains.Archive.Threads;

/// <summary>
/// A few threads of our own for work that burns CPU or blocks (parsing, zstd, Lucene), so that grain turns and
/// cluster probes never wait behind it. Work is done in the order it came; the queue is bounded by its callers,
/// which await what they hand in.
/// </summary>
public sealed class WorkThreads : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    public WorkThreads(string name, int threads)
    {
        for (var i = 0; i < threads; i++)
            new Thread(Loop) { IsBackground = true, Name = $"{name}-{i}" }.Start();
    }

    /// <summary>Runs <paramref name="work"/> on one of the threads; its result or exception comes back to the caller.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Work on each of <paramref name="count"/> items, spread over the threads in <paramref name="strips"/> strips.</summary>
    public Task ForEachAsync(int count, int strips, Action<int> work)
    {
        var next = -1;
        var running = Enumerable.Range(0, Math.Min(strips, count)).Select(_ => RunAsync(() =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
                work(i);
        }));
        return Task.WhenAll(running.ToArray());
    }

    public void Dispose() => _work.CompleteAdding();

    private void Loop()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}

/// <summary>The back-end silo's threads: parsing and sealing on as many as there are cores, each index on one.</summary>
public sealed class SiloThreads : IDisposable
{
    public SiloThreads()
    {
        IngestCount = Math.Max(2, Environment.ProcessorCount);
        Ingest = new("ingest", IngestCount);
        Search = new("search", IngestCount);
    }

    public int IngestCount { get; }
    public WorkThreads Ingest { get; }
    public WorkThreads Search { get; }

    public void Dispose()
    {
        Ingest.Dispose();
        Search.Dispose();
    }
}
