using AMA.Archive.Blobs;

namespace AMA.Adapters.Local;

/// <summary>
/// Locks over blob names, for what must read and then write: put-if-match and delete. Names share
/// <see cref="Stripes"/> lock files under ".locks"; all processes that use the store spread names alike.
/// </summary>
internal sealed class NameLocks : IDisposable
{
    /// <summary>Part of the on-disk agreement among processes: changing it needs all of them stopped.</summary>
    public const int Stripes = 64;

    /// <summary>
    /// A holder only reads, writes and syncs one small file. One that takes longer hangs, or its disk does.
    /// </summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMilliseconds(20);

    private readonly FileThreads _threads;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim[] _turns;
    private readonly FileLock[] _locks;

    public NameLocks(string directory, FileThreads threads, TimeProvider time)
    {
        _threads = threads;
        _time = time;
        Directory.CreateDirectory(directory);
        _turns = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];
        _locks = [.. Enumerable.Range(0, Stripes).Select(stripe => new FileLock($"{directory}/{stripe:x2}"))];
    }

    /// <summary>
    /// Runs <paramref name="work"/> on a file thread while the name is locked; waits for the lock without one.
    /// </summary>
    public async ValueTask<T> RunAsync<T>(string name, Func<T> work, CancellationToken cancel)
    {
        var stripe = StripeOf(name);
        if (!await _turns[stripe].WaitAsync(WaitMax, cancel).ConfigureAwait(false)) throw Busy(name);
        try
        {
            return await RunLockedAsync(name, _locks[stripe], work, cancel).ConfigureAwait(false);
        }
        finally
        {
            _turns[stripe].Release();
        }
    }

    private async ValueTask<T> RunLockedAsync<T>(
        string name, FileLock held, Func<T> work, CancellationToken cancel)
    {
        var start = _time.GetTimestamp();
        for (var pause = RetryMin; ; pause = pause * 2 < RetryMax ? pause * 2 : RetryMax)
        {
            var (done, result) = await _threads.RunAsync(() => TryRun(held, work), cancel).ConfigureAwait(false);
            if (done) return result!;
            if (_time.GetElapsedTime(start) > WaitMax) throw Busy(name);
            await Task.Delay(pause, _time, cancel).ConfigureAwait(false);
        }
    }

    private static (bool Done, T? Result) TryRun<T>(FileLock held, Func<T> work)
    {
        if (!held.TryTake()) return (false, default);
        try
        {
            return (true, work());
        }
        finally
        {
            held.Release();
        }
    }

    // Not GetHashCode: that differs from process to process.
    private static int StripeOf(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        return (int)(hash % Stripes);
    }

    private static BlobStoreException Busy(string name) =>
        new($"{name} has been locked by another writer for {WaitMax.TotalSeconds} s", transient: true);

    public void Dispose()
    {
        foreach (var file in _locks) file.Dispose();
    }
}
