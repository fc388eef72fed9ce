using AMA.Archive.Retention;
using AMA.Grains.Archive.Erasure;
using AMA.Grains.Archive.Reseal;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Archive;

/// <remarks>
/// Erasures run beside the grain's turns, for they read the whole log; what they commit comes back as a call and so has
/// its turn. docs/erasure.md.
/// </remarks>
public sealed partial class ArchiveGrain
{
    /// <summary>Control is asked for orders so often, and when somebody says that there is one.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(10);

    /// <summary>After a fault, or while Backup isn't level.</summary>
    private static readonly TimeSpan EraseAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>After a store refused to delete.</summary>
    private static readonly TimeSpan SweepAgainAfter = TimeSpan.FromHours(1);

    private readonly Dictionary<RetentionPart, DateTimeOffset> _rewritten = [];
    private readonly CancellationTokenSource _stopping = new();
    private ResealWork? _work;
    private Task _erasing = Task.CompletedTask;
    private bool _lookNow = true;
    private long _looked;
    private long? _sweepFailed;
    private TimeSpan _lookAfter;
    private DateOnly _rewriteTried;

    public Task LookForErasures()
    {
        _lookNow = true;
        return Task.CompletedTask;
    }

    public Task Erase(ErasedLeaf[] leaves) => WritingAsync(async () =>
    {
        await LeaseSomethingAsync();
        await _writer.EraseAsync(leaves);
        _backup.RunAsync(_state).Ignore();
    });

    /// <summary>A batch needs a fence, and so a lease, whatever part it speaks of.</summary>
    private Task LeaseSomethingAsync() => _writer.LeaseAsync(new(
        _tenant, RetentionPart.DefaultClass,
        RetentionPart.EpochOf(room.Time.GetUtcNow(), RetentionPart.DefaultMonths)));

    public async Task EraseFromIndex(ushort retentionClass, uint epoch, Guid[] records)
    {
        var part = new RetentionPart(_tenant, retentionClass, epoch);
        if (!_state.Parts.TryGetValue(part, out var count)) return;
        await IndexOf(part).CatchUp(count.FirstBatch, _state.NextBatch);
        await IndexOf(part).Erase(records);
    }

    private void TendErasures()
    {
        if (!_erasing.IsCompleted) return;
        var due = _lookNow || room.Time.GetElapsedTime(_looked) >= _lookAfter;
        if (due || Today > _rewriteTried || _state.EndedTrees.Any(MayBeSwept)) _erasing = EraseAsync(due);
    }

    private DateOnly Today => DayOf(room.Time.GetUtcNow());

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>Never throws: what fails is tried again.</summary>
    private async Task EraseAsync(bool orders)
    {
        // A hint that comes while this runs counts for the next run.
        if (orders) (_lookNow, _looked, _lookAfter) = (false, room.Time.GetTimestamp(), EraseAgainAfter);
        try
        {
            var done = !orders || await eraser.RunAsync(_tenant);
            if (Today > _rewriteTried) done &= await RewriteAllAsync();
            var step = orders ? await resealer.RunAsync(_tenant, Work) : ResealStep.Done;
            if (step == ResealStep.More) _lookNow = true;
            else if (orders && step == ResealStep.Done && done) _lookAfter = LookEvery;
        }
        catch (Exception e)
        {
            ErasureLog.Waits(log, _tenant, e.GetType().Name, e.Message);
        }
        await TrySweepAsync();
        if (_stopping.IsCancellationRequested) await Work.DropAsync();
    }

    private ResealWork Work => _work ??= new() { Stop = _stopping.Token };

    /// <summary>
    /// What runs beside the turns ends by itself: it calls this grain, so waiting for it here would be waiting for ever.
    /// </summary>
    private async Task StopErasuresAsync()
    {
        await _stopping.CancelAsync();
        if (_erasing.IsCompleted) await Work.DropAsync();
    }

    /// <summary>Backup must have been told that the tree has ended: it copies nothing of it any more.</summary>
    private bool MayBeSwept(EndedTree tree) => sweep.IsDue(tree) && _state.BackedUpBelow > tree.Batch
        && (_sweepFailed is not { } failed || room.Time.GetElapsedTime(failed) >= SweepAgainAfter);

    /// <summary>A store that deletes nothing, for now or for years, holds up nothing else.</summary>
    private async Task TrySweepAsync()
    {
        try
        {
            await SweepAsync();
            _sweepFailed = null;
        }
        catch (Exception e)
        {
            _sweepFailed = room.Time.GetTimestamp();
            ErasureLog.Waits(log, _tenant, e.GetType().Name, e.Message);
        }
    }

    private async Task SweepAsync()
    {
        foreach (var tree in _state.EndedTrees.Where(MayBeSwept).ToArray())
        {
            await sweep.RunAsync(tree, _state, _state.Parts.GetValueOrDefault(tree.Part)?.FirstBatch ?? 1);
            _state.Swept(tree);
            await SaveSnapshotAsync(default);
        }
    }

    /// <summary>The indexes of parts of which something was erased on a day that is over.</summary>
    private async Task<bool> RewriteAllAsync()
    {
        var today = Today;
        foreach (var (part, at) in _state.ErasedAt.ToArray())
        {
            if (DayOf(at) >= today || _rewritten.GetValueOrDefault(part) >= at) continue;
            if (!await eraser.Index.RewriteAsync(part)) return false;
            _rewritten[part] = at;
            ErasureLog.Rewritten(log, part);
        }
        _rewriteTried = today;
        return true;
    }
}
