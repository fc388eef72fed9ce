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
        var puts = stores.Select(store => KeepAsync(cancel => store.PutIfAbsentAsync(name, content, cancel)));
        return ConfirmAsync(name, puts);
    }

    /// <summary>
    /// Begins a segment that is written piece by piece, in the stores that are there. Throws
    /// <see cref="SpoolException"/> when they are too few.
    /// </summary>
    public async Task<IReadOnlyList<IBlobWriter>> CreateAsync(string name)
    {
        var begun = await Task.WhenAll(stores.Select(store => TryCreateAsync(store, name)).ToList());
        var writers = begun.Select(store => store.Writer).OfType<IBlobWriter>().ToList();
        if (writers.Count >= required) return writers;
        foreach (var writer in writers) await DisposeAsync(writer);
        throw TooFew(name, begun.Select(store => store.Outcome));
    }

    /// <summary>Makes all that was written durable, as <see cref="PutAsync"/> does.</summary>
    public Task CommitAsync(string name, IReadOnlyList<IBlobWriter> writers) =>
        ConfirmAsync(name, writers.Select(writer => KeepAsync(writer.CommitAsync)));

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
            throw new SpoolException($"{name} could not be written", fault) { IsFull = fault is StoreFullException };
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

    private async Task ConfirmAsync(string name, IEnumerable<Task<Outcome>> copies)
    {
        var all = copies.ToList();
        var open = all.ToList();
        var outcomes = new List<Outcome>();
        var kept = 0;
        while (kept < required && kept + open.Count >= required)
        {
            var next = await Task.WhenAny(open);
            open.Remove(next);
            outcomes.Add(await next);
            if (outcomes[^1] == Outcome.Kept) kept++;
        }
        if (kept >= required) return;
        _ = DiscardAsync(name, all); // nobody waits for it: the client gets its 451 now
        throw TooFew(name, outcomes);
    }

    /// <summary>A store's fault is logged here and is no exception of ours.</summary>
    private async Task<Outcome> KeepAsync(Func<CancellationToken, ValueTask<PutResult>> put)
    {
        using var limit = new CancellationTokenSource(timeMax, time);
        try
        {
            // A store that is stuck in the kernel hears no cancellation, so the wait itself is bounded too.
            var result = await put(limit.Token).AsTask().WaitAsync(timeMax, time);
            if (!result.Done) LogNameTaken();
            return result.Done ? Outcome.Kept : Outcome.Failed;
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            return Failed(fault);
        }
    }

    private Outcome Failed(Exception fault)
    {
        if (fault is StoreFullException) LogStoreFull(fault.Message);
        else LogStoreFailed(fault.Message, fault);
        return fault is StoreFullException ? Outcome.Full : Outcome.Failed;
    }

    private async Task<(IBlobWriter? Writer, Outcome Outcome)> TryCreateAsync(IBlobStore store, string name)
    {
        using var limit = new CancellationTokenSource(timeMax, time);
        var creation = store.CreateAsync(name, limit.Token).AsTask();
        try
        {
            return (await creation.WaitAsync(timeMax, time), Outcome.Kept);
        }
        catch (Exception fault) when (IsStoreFault(fault))
        {
            _ = DisposeLateAsync(creation);
            return (null, Failed(fault));
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
    private async Task DiscardAsync(string name, List<Task<Outcome>> copies)
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

    /// <summary>One store that failed otherwise, and room alone would not have helped.</summary>
    private SpoolException TooFew(string name, IEnumerable<Outcome> outcomes) =>
        new($"fewer than {required} of {stores.Count} spool stores took {name}")
        {
            IsFull = outcomes.Contains(Outcome.Full) && !outcomes.Contains(Outcome.Failed),
        };

    private enum Outcome { Kept, Full, Failed }

    private static bool IsStoreFault(Exception fault) =>
        fault is IOException or TimeoutException or OperationCanceledException or UnauthorizedAccessException;
}
