using AMA.Archive.Ids;
using AMA.Archive.Log;
using AMA.Archive.Retention;
using AMA.Grains.Archive.Erasure;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Reseal;
using AMA.Grains.Interfaces.Archive;
using Microsoft.Extensions.Logging;

namespace AMA.Grains.Archive.Archive;

/// <summary>
/// The single writer of one tenant's log. What it knows is derived from the log; what it decides counts only once the
/// next batch is there by put-if-absent. A second activation takes over with a higher fence, and this one then stops.
/// </summary>
public sealed partial class ArchiveGrain(
    ArchiveRoom room, RecordEraser eraser, Resealer resealer, PackSweep sweep, ILogger<ArchiveGrain> log)
    : Grain, IArchiveGrain
{
    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);
    private const int BatchesPerSnapshot = 64;
    private const int TicksPerIndexCheck = 5;
    private const int LevelTriesMax = 10;

    private TenantId _tenant;
    private ArchiveState _state = new();
    private SnapshotStore _snapshots = null!;
    private BackupCopy _backup = null!;
    private ArchiveWriter _writer = null!;
    private readonly HashSet<RetentionPart> _level = [];
    private int _levelTries;
    private ulong _snapshotAt;
    private int _ticks;

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        _tenant = TenantId.Parse(this.GetPrimaryKeyString());
        _snapshots = new(room.Stores.Primary, _tenant, log);
        _backup = new(room.Stores, _tenant, log);
        if (await _snapshots.LoadAsync(cancel) is { } snapshot) _state = ArchiveState.From(snapshot);
        _snapshotAt = _state.NextBatch;
        _writer = new(room, _tenant, _state, log);
        await _writer.ReplayAsync(cancel);
        this.RegisterGrainTimer(TendAsync, TendEvery, TendEvery);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancel)
    {
        room.Meters.Forget(_tenant);
        try
        {
            await StopErasuresAsync();
            await SaveSnapshotAsync(cancel);
            await _writer.ReleaseAsync();
        }
        catch (Exception e)
        {
            ArchiveLog.StopIncomplete(log, _tenant, e);
        }
    }

    public Task Open(ushort retentionClass, uint epoch) => WritingAsync(() => OpenAsync(new(_tenant, retentionClass, epoch)));

    public Task<Reservation[]> Reserve(ReserveRequest request) => WritingAsync(async () =>
    {
        var part = new RetentionPart(_tenant, request.Class, request.Epoch);
        await OpenAsync(part);
        return await _writer.ReserveAsync(part, request, GrainFactory.GetGrain<IIndexGrain>(part.ToString()));
    });

    public Task<CommittedBatch?> Commit(CommitRequest request) => WritingAsync(async () =>
    {
        var batch = await _writer.CommitAsync(new(_tenant, request.Class, request.Epoch), request);
        _backup.RunAsync(_state).Ignore();
        if (_state.NextBatch - _snapshotAt >= BatchesPerSnapshot) await SaveSnapshotAsync(default);
        return batch;
    });

    public Task<ArchivePositions> Positions() =>
        Task.FromResult(new ArchivePositions(_state.NextBatch, _state.BackedUpBelow));

    public Task Forget(Guid[] segments)
    {
        _state.Forget(segments.Select(s => new SegmentId(s)));
        return Task.CompletedTask;
    }

    public async Task<TenantStatus> Status()
    {
        var indexed = 0L;
        foreach (var (part, count) in _state.Parts.ToArray())
            indexed += await IndexedAsync(part, count);
        var (state, expires) = _writer.LeaseState();
        return new(_state.Archived, _state.Duplicates, indexed, state, expires);
    }

    private async Task TellAsync() => room.Meters.Tell(_tenant, new(
        _state.Archived, _state.Duplicates, _writer.LeaseState().State, _state.NextBatch - _state.BackedUpBelow,
        await Sources()));

    public Task<SourceTally[]> Sources() => Task.FromResult(_state.Sources
        .Select(one => new SourceTally(
            one.Key, one.Value.Archived, one.Value.Duplicates, one.Value.MessageBytes, one.Value.LastSeen))
        .ToArray());

    public Task<PartView[]> Parts() => Task.FromResult(_state.Parts
        .Where(p => !_state.IsOver(p.Key) || _state.HeldOf(p.Key).Length > 0)
        .OrderByDescending(p => p.Key.Epoch)
        .Select(p => new PartView(
            p.Key.Class, p.Key.Epoch, p.Value.Records, _state.MustHoldBelow(p.Key), p.Value.Deliveries, p.Value.FirstBatch,
            _state.IsOver(p.Key)))
        .ToArray());

    public async Task Recover()
    {
        _backup.RunAsync(_state).Ignore();
        foreach (var (part, count) in _state.Parts.ToArray())
        {
            if (count.IndexBehind && !_state.IsOver(part)) await WritingAsync(() => OpenAsync(part));
        }
    }

    /// <summary>A live lease for the part, and an index that holds all that is committed: dedupe asks it.</summary>
    private async Task OpenAsync(RetentionPart part)
    {
        if (_state.IsOver(part)) throw new ArchiveException(ArchiveRefusal.Unavailable, "the part has ended");
        if (await _writer.LeaseAsync(part)) _level.Remove(part);
        if (_level.Contains(part)) return;
        var count = _state.Parts.GetValueOrDefault(part);
        try
        {
            await IndexOf(part).CatchUp(count?.FirstBatch ?? _state.NextBatch, _state.NextBatch);
        }
        catch (ArchiveException e) when (++_levelTries >= LevelTriesMax)
        {
            // An index that can't be made level now must not hold up mail for ever; a message that comes again
            // meanwhile becomes a record of its own, which loses nothing.
            ArchiveLog.IndexNotLevel(log, _tenant, e.Message);
        }
        _levelTries = 0;
        _level.Add(part);
    }

    private IIndexGrain IndexOf(RetentionPart part) => GrainFactory.GetGrain<IIndexGrain>(part.ToString());

    private async Task<long> IndexedAsync(RetentionPart part, PartCount count)
    {
        if (_state.IsOver(part)) return count.Records; // nothing waits to be indexed
        try
        {
            return await IndexOf(part).Count();
        }
        catch (ArchiveException)
        {
            return count.IndexBehind ? 0 : count.Records;
        }
    }

    /// <summary>
    /// Renewal, Backup, and now and then the index's position. Faults here are of the moment: the next tick tries again.
    /// </summary>
    private async Task TendAsync(CancellationToken cancel)
    {
        try
        {
            await _writer.RenewAsync();
            if (_state.BackedUpBelow < _state.NextBatch) _backup.RunAsync(_state).Ignore();
            TendErasures();
            if (_ticks++ % TicksPerIndexCheck != 0) return;
            await TellAsync();
            await CheckIndexesAsync();
        }
        catch (Exception e)
        {
            ArchiveLog.TendFailed(log, _tenant, e.GetType().Name, e.Message);
        }
    }

    /// <summary>
    /// Brings indexes that are behind level, and gets back the leases that ended while Control was away: without them
    /// an archive to which no mail comes would stay behind.
    /// </summary>
    private async Task CheckIndexesAsync()
    {
        foreach (var (part, count) in _state.Parts.ToArray())
        {
            if (_state.IsOver(part) || (!count.IndexBehind && !_writer.Lost(part))) continue;
            await OpenAsync(part);
            await IndexOf(part).CatchUp(count.FirstBatch, _state.NextBatch);
            var position = await IndexOf(part).Save();
            _state.Indexed(part, position.Below);
            _writer.Indexed(part, position.Below);
        }
    }

    private async Task SaveSnapshotAsync(CancellationToken cancel)
    {
        if (await _snapshots.SaveAsync(_state.Snapshot(), cancel)) _snapshotAt = _state.NextBatch;
    }

    private Task WritingAsync(Func<Task> write) => WritingAsync(async () =>
    {
        await write();
        return true;
    });

    /// <summary>After a fault nobody knows what is on disk: drop everything, the next activation reads the log.</summary>
    private async Task<T> WritingAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (e is not ArchiveException)
        {
            ArchiveLog.WriteFailed(log, _tenant, e);
            DeactivateOnIdle();
            throw e is LeaseEndedException
                ? new ArchiveException(ArchiveRefusal.Locked, "the archive is locked: its key lease has ended")
                : new ArchiveException(ArchiveRefusal.Unavailable, $"the archive could not be written: {e.Message}");
        }
    }
}
