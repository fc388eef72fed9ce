using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Blobs;
using AMA.Archive.Keys.Erasure;
using AMA.Archive.Keys.Roots;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Survival;

/// <summary>Keeps Control's erasable states under new keys, and destroys the old ones. Key: the region.</summary>
[Alias("ama.control.internal.erasure")]
internal interface IErasureGrain : IGrainWithStringKey
{
    /// <summary>
    /// The next part of a round; true when the round is over. Harmless at any time, and after any interruption: how far
    /// it came is durable.
    /// </summary>
    [Alias("tend"), ResponseTimeout("00:30:00")] Task<bool> Tend();

    /// <summary>Reads memory and what is durable, so it needs no turn: a round takes long.</summary>
    [Alias("status"), AlwaysInterleave] Task<ErasureStatus> Status();

    /// <inheritdoc cref="ErasureState.Replayed"/>
    [Alias("replayed"), AlwaysInterleave] Task<uint> Replayed();

    [Alias("set-replayed")] Task SetReplayed(uint generation);

    /// <summary>
    /// When what was erased at <paramref name="erasedAt"/> was, or will be, unreadable in every copy; null: the day is
    /// not known yet.
    /// </summary>
    [Alias("final-everywhere")] Task<DateTimeOffset?> FinalEverywhere(DateTimeOffset erasedAt);
}

/// <param name="Late">Keys, "store/week", that should be destroyed but that something still needs.</param>
/// <param name="Refused">States that were put back, or could not be read or written, and so were not re-wrapped.</param>
/// <param name="Announced">Keys that will be destroyed, "store/week from time".</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.erasure-status")]
internal sealed record ErasureStatus(
    [property: Id(0)] DateTimeOffset? LastRound, [property: Id(1)] string[] Late, [property: Id(2)] int Refused,
    [property: Id(3)] string[] Announced);

[GrainType("ama.control.erasure")]
internal sealed partial class ErasureGrain(
    [PersistentState("erasure", ControlStorage.Name)] IPersistentState<ErasureState> stored,
    ErasureRound round, KeyRing ring, TimeProvider time, ILogger<ErasureGrain> log) : Grain, IErasureGrain
{
    /// <summary>States of one call.</summary>
    private const int PageMax = 128;

    private static readonly TimeSpan CountedEvery = TimeSpan.FromMinutes(50);

    private MarkedState<ErasureState> _state = null!;
    private string[] _late = [];
    private int _refused;
    private int _refusedSoFar;
    private long? _counted;

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public async Task<bool> Tend()
    {
        if (!await RewrapPage()) return false;
        await DestroyDue();
        await PruneBackup();
        await _state.WriteAsync(_state.Value with { LastRound = time.GetUtcNow(), After = null });
        return true;
    }

    public Task<ErasureStatus> Status() =>
        Task.FromResult(new ErasureStatus(
            _state.Value.LastRound, _late, _refused,
            [.. _state.Value.Notices.Select(n => $"{n.Store}/{n.Week} from {n.Since + DueNotice.Notice:u}")]));

    public Task<uint> Replayed() => Task.FromResult(_state.Value.Replayed);

    public Task SetReplayed(uint generation) => _state.WriteAsync(_state.Value with { Replayed = generation });

    public async Task<DateTimeOffset?> FinalEverywhere(DateTimeOffset erasedAt) =>
        _state.Value.FinalEverywhere(QueueWeek.Of(erasedAt), await round.OldestLiveWeekAsync(CancellationToken.None));

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    /// <summary>True when every state had its turn.</summary>
    private async Task<bool> RewrapPage()
    {
        var (after, count) = (_state.Value.After, 0);
        if (after is null) _refusedSoFar = 0;
        await foreach (var name in round.NamesAsync(after, CancellationToken.None))
        {
            if (!await TryRewrap(name)) _refusedSoFar++;
            if (++count < PageMax) continue;
            await _state.WriteAsync(_state.Value with { After = name });
            return false;
        }
        _refused = _refusedSoFar;
        return true;
    }

    /// <summary>One state that is refused, or can't be read, must not keep the others under old keys.</summary>
    private async Task<bool> TryRewrap(string name)
    {
        try
        {
            if (await round.ReadAsync(name, CancellationToken.None) is not { } blob) return true;
            if (await RefusalOf(name, blob) is not { } reason)
            {
                await round.RewrapAsync(name, CancellationToken.None);
                return true;
            }
            LogRefused(name, reason);
            await StateMarks.RecordRefusal(Audit, reason, time.GetUtcNow());
        }
        catch (Exception fault)
        {
            LogNotRewrapped(name, fault);
        }
        return false;
    }

    /// <summary>An old version that stays costs room and nothing else, so a fault is no fault of the round.</summary>
    private async Task PruneBackup()
    {
        try
        {
            if (await round.PruneBackupAsync(CancellationToken.None) is > 0 and var pruned) LogPruned(pruned);
        }
        catch (BlobStoreException fault)
        {
            LogNotPruned(fault);
        }
    }

    /// <summary>An older copy is not given a longer life; it dies with its key.</summary>
    private async Task<string?> RefusalOf(string name, Blob blob)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(blob.Content.Span));
        var version = new StateVersion(name, StateVersion.GenerationOf(blob.Content.Span), hash, blob.ETag);
        return await StateMarks.RefusalOf(Audit, version);
    }

    private async Task DestroyDue()
    {
        var due = await round.DueAsync(CancellationToken.None);
        ReportLate(due);
        var free = due.Where(key => key.References == 0).ToArray();
        if (!IsCounted(free)) return;
        var noticed = _state.Value.Notice(free.Select(key => (key.Store, key.Week)), time.GetUtcNow());
        await _state.WriteAsync(noticed);
        var ripe = noticed.Notices.Where(notice => notice.IsRipe(time.GetUtcNow())).ToArray();
        // One week at a time: whatever is wrong shows before it has cost more.
        foreach (var key in free.Where(key => ripe.Length > 0 && key.Week == ripe.Min(notice => notice.Week)))
            if (ripe.Any(notice => notice.Store == key.Store && notice.Week == key.Week)) await Destroy(key);
    }

    /// <summary>
    /// A round counts when an hour has passed by the clock that nobody sets; rounds asked for in between don't.
    /// </summary>
    private bool IsCounted(DueErasure[] free)
    {
        if (free.Length == 0 && _state.Value.Notices.Length == 0) return false;
        if (_counted is { } last && time.GetElapsedTime(last) < CountedEvery) return false;
        _counted = time.GetTimestamp();
        return true;
    }

    private void ReportLate(IReadOnlyList<DueErasure> due)
    {
        var late = due.Where(key => key.References > 0 && round.IsLate(key.Week)).ToArray();
        foreach (var key in late) LogLate(key.Store, key.Week, key.References);
        _late = [.. late.Select(key => $"{key.Store}/{key.Week}")];
    }

    /// <summary>On record before it is done; the day it is final is known only after.</summary>
    private async Task Destroy(DueErasure due)
    {
        await Audit.Append(new AuditEntry(AuditAct.ErasureKeyDestruction, true, time.GetUtcNow())
        {
            Targets = [$"{due.Store}/{due.Week}"],
        }, null);
        try
        {
            var final = await round.DestroyAsync(due, CancellationToken.None);
            await _state.WriteAsync(_state.Value.Plus(new(due.Store, due.Week, time.GetUtcNow(), final)));
            LogDestroyed(due.Store, due.Week, final);
        }
        catch (KeyRootException fault)
        {
            LogNotDestroyed(due.Store, due.Week, fault);
        }
    }

    [LoggerMessage(5, LogLevel.Error, "State {name} could not be re-wrapped; the next round tries again")]
    private partial void LogNotRewrapped(string name, Exception fault);

    [LoggerMessage(7, LogLevel.Information, "{count} old versions were deleted from the off-site backup")]
    private partial void LogPruned(long count);

    [LoggerMessage(8, LogLevel.Warning, "Old versions could not be deleted from the off-site backup; the next round tries again")]
    private partial void LogNotPruned(BlobStoreException fault);

    [LoggerMessage(1, LogLevel.Critical, "State {name} is refused and not re-wrapped: {reason}")]
    private partial void LogRefused(string name, string reason);

    [LoggerMessage(2, LogLevel.Error,
        "Erasure key {store}/{week} should be destroyed long since, but {references} blobs still need it")]
    private partial void LogLate(string store, ulong week, int references);

    [LoggerMessage(3, LogLevel.Information, "Erasure key {store}/{week} is destroyed, finally on {final}")]
    private partial void LogDestroyed(string store, ulong week, DateTimeOffset final);

    [LoggerMessage(4, LogLevel.Error, "Erasure key {store}/{week} could not be destroyed; the next round tries again")]
    private partial void LogNotDestroyed(string store, ulong week, KeyRootException fault);
}
