using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Grains.Control.SignIn;

/// <summary>One-time codes that were used. Key: "{region}/{shard}".</summary>
[Alias("ama.control.internal.spent-steps")]
internal interface ISpentStepsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Uses up the code of this step; null: it is used already. Durable when it returns; the mark goes with the entry
    /// of what the code was used for, so that a sign-in costs one entry and not two.
    /// </summary>
    [Alias("spend")] Task<StateMark?> Spend(string key, long step);
}

/// <remarks>
/// An older copy, put back, knows less than was used: then only codes from the next step on are taken, and people wait
/// for a minute.
/// </remarks>
[GrainType("ama.control.spent-steps")]
public sealed partial class SpentStepsGrain(
    [PersistentState("spent-steps", ControlStorage.Name)] IPersistentState<SpentStepsState> stored,
    KeyRing ring, TimeProvider time, ILogger<SpentStepsGrain> log) : Grain, ISpentStepsGrain
{
    private DurableState<SpentStepsState> _state = null!;
    private long _floor;

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(ring.Region.Text());

    private StateVersion Version => StateMarks.InLife(StateVersion.Parse(stored.Etag!), ring.RestoreGeneration);

    private long Now => TotpCheck.StepAt(time.GetUtcNow());

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Rest(ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        try
        {
            if (await StateMarks.RefusalOf(Audit, Version) is not { } reason) return;
            _floor = Now + 1;
            LogOlder(reason);
            await StateMarks.RecordRefusal(Audit, reason, time.GetUtcNow());
        }
        catch (Exception fault)
        {
            _floor = Now + 1;
            LogUnchecked(fault);
        }
    }

    async Task<StateMark?> ISpentStepsGrain.Spend(string key, long step)
    {
        if (!await Audit.Ready()) throw AuditLog.Unavailable();
        var known = _state.Value with { Floor = Math.Max(_floor, _state.Value.Floor) };
        if (known.Spend(key, step, Now) is not { } next) return null;
        await _state.WriteAsync(next);
        return StateMarks.Of(Version);
    }

    [LoggerMessage(1, LogLevel.Critical, "Used codes were put back: {reason}; codes from before now are refused")]
    private partial void LogOlder(string reason);

    [LoggerMessage(2, LogLevel.Error, "Used codes could not be compared with the audit log; codes from before now are refused")]
    private partial void LogUnchecked(Exception fault);
}
