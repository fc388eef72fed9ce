using AMA.Archive.Blobs;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp.Spooling;

/// <summary>
/// The same segment under the same name in every spool store, side by side. It counts once
/// <paramref name="required"/> stores have it; then the others are not waited for. Otherwise what did land is deleted
/// if possible: without a 250 a message may stay or go, but only whole.
/// </summary>
internal sealed partial class SpoolCopies(
    IReadOnlyList<IBlobStore> stores, int required, TimeSpan timeMax, TimeProvider time, ILogger<SpoolCopies> log)
{
    /// <summary>Returns when enough stores have it durably; throws <see cref="SpoolException"/>.</summary>
    public Task PutAsync(string name, ReadOnlyMemory<byte> content)
    {
        var puts = stores.Select(store => IsKeptAsync(cancel => store.PutIfAbsentAsync(name, content, cancel)));
        return ConfirmAsync(name, puts);
    }

    /// <summary>
    /// Begins a segment that is written piece by piece, in the stores that are there. Throws
    /// <see cref="SpoolException"/> when they are too few.
    /// </summary>
    public async Task<IReadOnlyList<IBlobWriter>> CreateAsync(string name)
    {
        var begun = await Task.WhenAll(stores.Select(store => TryCreateAsync(store, name)).ToList());
        var writers = begun.OfType<IBlobWriter>().ToList();
        if (writers.Count >= required) return writers;
        foreach (var writer in writers) await DisposeAsync(writer);
        throw TooFew(name);
    }

    /// <summary>Makes all that was written durable, as <see cref="PutAsync"/> does.</summary>
    public Task CommitAsync(string name, IReadOnlyList<IBlobWriter> writers) =>
        ConfirmAsync(name, writers.Select(writer => IsKeptAsync(writer.CommitAsync)));

    /// <summary>One step of a writer, bounded in time. Throws <see cref="SpoolException"/>.</summary>
    public async ValueTask WriteAsync(string name, Func<CancellationToken, ValueTask> write)
    {
        using var limit = new CancellationTokenSource(timeMax, time);
        try
        {
            await write(limit.Token).AsTask().WaitAsync(timeMax, time);
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            throw new SpoolException($"{name} could not be written", fault);
        }
    }

    /// <summary>Ends a writer without its commit. A store that is away clears what is left at its next start.</summary>
    public async ValueTask DisposeAsync(IBlobWriter writer)
    {
        try
        {
            await writer.DisposeAsync().AsTask().WaitAsync(timeMax, time);
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            LogNotDeleted(fault.Message);
        }
    }

    private async Task ConfirmAsync(string name, IEnumerable<Task<bool>> copies)
    {
        var all = copies.ToList();
        var open = all.ToList();
        var kept = 0;
        while (kept < required && kept + open.Count >= required)
        {
            var next = await Task.WhenAny(open);
            open.Remove(next);
            if (await next) kept++;
        }
        if (kept >= required) return;
        _ = DiscardAsync(name, all); // nobody waits for it: the client gets its 451 now
        throw TooFew(name);
    }

    /// <summary>True when the store has it. A store's fault is logged here and is no exception of ours.</summary>
    private async Task<bool> IsKeptAsync(Func<CancellationToken, ValueTask<PutResult>> put)
    {
        using var limit = new CancellationTokenSource(timeMax, time);
        try
        {
            // A store that is stuck in the kernel hears no cancellation, so the wait itself is bounded too.
            var result = await put(limit.Token).AsTask().WaitAsync(timeMax, time);
            if (!result.Done) LogNameTaken();
            return result.Done;
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            LogStoreFailed(fault.Message, fault);
            return false;
        }
    }

    private async Task<IBlobWriter?> TryCreateAsync(IBlobStore store, string name)
    {
        using var limit = new CancellationTokenSource(timeMax, time);
        var creation = store.CreateAsync(name, limit.Token).AsTask();
        try
        {
            return await creation.WaitAsync(timeMax, time);
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            LogStoreFailed(fault.Message, fault);
            _ = DisposeLateAsync(creation);
            return null;
        }
    }

    private async Task DisposeLateAsync(Task<IBlobWriter> creation)
    {
        await ((Task)creation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (creation.IsCompletedSuccessfully) await DisposeAsync(creation.Result);
    }

    /// <summary>
    /// First every put has ended, or a copy could land after its deletion; a stuck store's still can.
    /// </summary>
    private async Task DiscardAsync(string name, List<Task<bool>> copies)
    {
        await Task.WhenAll(copies);
        foreach (var store in stores)
        {
            try
            {
                using var limit = new CancellationTokenSource(timeMax, time);
                await store.DeleteAsync(name, limit.Token).AsTask().WaitAsync(timeMax, time);
            }
            catch (Exception fault) when (IsStoreFault(fault))
            {
                LogNotDeleted(fault.Message);
            }
        }
    }

    private SpoolException TooFew(string name) =>
        new($"fewer than {required} of {stores.Count} spool stores took {name}");

    private static bool IsStoreFault(Exception fault) =>
        fault is IOException or TimeoutException or OperationCanceledException or UnauthorizedAccessException;
}
