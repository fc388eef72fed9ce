using AMA.Archive.Blobs;

namespace AMA.Grains.Control.Audit;

/// <summary>
/// One of the places where the audit log is kept. Every call ends within its limit, whatever the store does: what hangs
/// goes on hanging without anybody waiting for it, and only so many calls may.
/// </summary>
internal sealed class AuditSink(string name, IBlobStore store, TimeProvider time)
{
    /// <summary>A store that hasn't confirmed by then is given up, and counts as away.</summary>
    public static readonly TimeSpan ConfirmMax = TimeSpan.FromSeconds(2);

    /// <summary>Reading back at start, and bringing level, where nobody waits for an answer.</summary>
    public static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(10);

    /// <summary>Calls that never came back. At this number a store isn't asked again before one does.</summary>
    private const int HangingMax = 4;

    private int _hanging;

    /// <summary>"a" or "b".</summary>
    public string Name => name;

    /// <summary>How many batches it holds, without gaps.</summary>
    public ulong Next { get; set; }

    public bool IsAway { get; set; }

    /// <summary>Of how many entries its full tiles are written.</summary>
    public long TiledEntries { get; set; }

    /// <summary>
    /// Returns when this very blob is durable under its name. Throws <see cref="AuditForkException"/> when another one
    /// is, <see cref="BlobStoreException"/> when the store is away.
    /// </summary>
    public async Task PutAsync(string blobName, ReadOnlyMemory<byte> blob, TimeSpan limit)
    {
        var put = await WithinAsync(cancel => store.PutIfAbsentAsync(blobName, blob, cancel), limit);
        if (put.Done) return;
        var there = await GetAsync(blobName, limit);
        if (there is null || !there.Value.Span.SequenceEqual(blob.Span)) throw new AuditForkException(blobName, name);
    }

    /// <summary>Returns when some blob is durable under this name: one that any silo may have made.</summary>
    public Task PutAnyAsync(string blobName, ReadOnlyMemory<byte> blob, TimeSpan limit) =>
        WithinAsync(cancel => store.PutIfAbsentAsync(blobName, blob, cancel), limit);

    public async Task<ReadOnlyMemory<byte>?> GetAsync(string blobName, TimeSpan limit) =>
        (await WithinAsync(cancel => store.GetAsync(blobName, cancel), limit))?.Content;

    public Task<bool> HasAsync(string blobName, TimeSpan limit) =>
        WithinAsync(async cancel => await store.StatAsync(blobName, cancel) is not null, limit);

    /// <summary>The first bytes of a blob; how many there were.</summary>
    public Task<int> ReadHeadAsync(string blobName, Memory<byte> buffer, TimeSpan limit) =>
        WithinAsync(cancel => store.ReadAsync(blobName, 0, buffer, cancel), limit);

    public Task DeleteAsync(string blobName, TimeSpan limit) => WithinAsync(async cancel =>
    {
        await store.DeleteAsync(blobName, cancel);
        return true;
    }, limit);

    /// <summary>Names that begin so, and come after this one, in order.</summary>
    public Task<List<string>> NamesAsync(string prefix, string? after, TimeSpan limit) => WithinAsync(async cancel =>
    {
        var names = new List<string>();
        await foreach (var blob in store.ListAsync(prefix, after, cancel)) names.Add(blob.Name);
        return names;
    }, limit);

    /// <summary>The first number without a batch. Numbers have no gaps, so halving finds it.</summary>
    public async Task<ulong> FindEndAsync()
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

        Task<bool> Exists(ulong number) => HasAsync(AuditBatch.NameOf(number), QuietMax);
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, ValueTask<T>> call, TimeSpan limit)
    {
        if (Volatile.Read(ref _hanging) >= HangingMax) throw Away("earlier calls still hang", null);
        using var stop = new CancellationTokenSource(limit, time);
        try
        {
            var running = call(stop.Token).AsTask();
            try
            {
                return await running.WaitAsync(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                Interlocked.Increment(ref _hanging);
                _ = running.ContinueWith(ended => CameBack(ended), TaskScheduler.Default);
                throw Away($"it took more than {limit.TotalSeconds:0} s", null);
            }
        }
        catch (Exception fault) when (fault is not (BlobStoreException or AuditForkException))
        {
            throw Away(fault.Message, fault);
        }
    }

    /// <summary>Looks at the outcome, so that nobody reports it as unobserved.</summary>
    private void CameBack(Task ended)
    {
        _ = ended.Exception;
        Interlocked.Decrement(ref _hanging);
    }

    private BlobStoreException Away(string why, Exception? inner) =>
        new($"audit store {name} is away: {why}", transient: true, inner);
}

/// <summary>
/// Two different histories: the same name holds other bytes in another store. Nobody goes on from there before a person
/// has looked.
/// </summary>
public sealed class AuditForkException(string blobName, string store) : Exception(
    $"The audit log has two histories: {blobName} in store {store} is not what the other store, or this silo, holds. "
    + "Control answers nobody until it is known which one is right; keep both stores as they are.");
