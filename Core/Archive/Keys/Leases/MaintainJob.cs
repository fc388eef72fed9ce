namespace AMA.Archive.Keys.Leases;

/// <summary>Why a tenant's side lets the back end open what is archived already.</summary>
public enum JobPurpose
{
    /// <summary>The index of the parts is made again.</summary>
    Reindex,
    /// <summary>Every message of the parts is opened and compared.</summary>
    FsckData,
    /// <summary>What survives is sealed anew under a fresh tree.</summary>
    ReSeal,
}

/// <summary>
/// A maintenance job: opened by a tenant-admin, bounded in parts, rate and time, shown to the tenant. A value; throws
/// <see cref="LeaseRefusedException"/>.
/// </summary>
/// <param name="FirstEpoch">The oldest part, inclusive.</param>
/// <param name="LastEpoch">The newest part, inclusive.</param>
/// <param name="LeavesPerMinute">How many leaves it may open within a minute.</param>
/// <param name="LeavesGiven">Opened so far.</param>
/// <param name="MinuteAt">When the minute began that <paramref name="MinuteLeaves"/> counts.</param>
public sealed record MaintainJob(
    Guid Id, JobPurpose Purpose, ushort Class, uint FirstEpoch, uint LastEpoch, int LeavesPerMinute, string OpenedBy,
    DateTimeOffset OpenedAt, DateTimeOffset EndsAt, bool Ended, long LeavesGiven, DateTimeOffset MinuteAt,
    int MinuteLeaves)
{
    public const int LeavesPerMinuteMax = 1_000_000;

    /// <summary>Jobs of one tenant that are open at once.</summary>
    public const int OpenMax = 16;

    /// <summary>Remembered for the tenant to see, ended ones included.</summary>
    public const int ShownMax = 256;

    public static readonly TimeSpan LifeMax = TimeSpan.FromDays(30);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Of a re-seal: the parts it has begun.</summary>
    public ResealedPart[] Parts { get; init; } = [];

    /// <summary>Of a re-seal, as its silo said last.</summary>
    public JobProgress Progress { get; init; } = new(0, 0, "");

    /// <summary>When all it was opened for was done; null: not yet, or it was ended before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public bool IsOpen(DateTimeOffset now) => !Ended && now < EndsAt;

    /// <summary>Refuses bounds that bound nothing.</summary>
    public void Check(DateTimeOffset now)
    {
        Unless(FirstEpoch <= LastEpoch, "a job's parts run from an older to a newer one");
        Unless(LeavesPerMinute is > 0 and <= LeavesPerMinuteMax, $"1 to {LeavesPerMinuteMax} leaves a minute");
        Unless(EndsAt > now && EndsAt - now <= LifeMax, $"a job ends within {LifeMax.TotalDays:0} days");
    }

    /// <summary>The job after these leaves were opened for it.</summary>
    public MaintainJob Take(IReadOnlyList<LeaseTarget> targets, DateTimeOffset now)
    {
        LeaseRefusedException.Unless(IsOpen(now), LeaseRefusal.NotAuthorised, "the job has ended");
        LeaseRefusedException.Unless(
            targets.All(target => target.Class == Class && target.Epoch >= FirstEpoch && target.Epoch <= LastEpoch),
            LeaseRefusal.NotAuthorised, "the part is not the job's");
        var leaves = targets.Sum(target => target.Leaves.Length);
        var fresh = now - MinuteAt >= Minute || now < MinuteAt;
        var taken = (fresh ? 0 : MinuteLeaves) + leaves;
        LeaseRefusedException.Unless(
            taken <= LeavesPerMinute, LeaseRefusal.Unavailable, "more leaves than the job allows in a minute");
        return this with
        {
            LeavesGiven = LeavesGiven + leaves, MinuteAt = fresh ? now : MinuteAt, MinuteLeaves = taken,
        };
    }

    /// <summary>The job may work on this part now.</summary>
    public void Admit(ushort retentionClass, uint epoch, DateTimeOffset now)
    {
        LeaseRefusedException.Unless(
            IsOpen(now) && Purpose == JobPurpose.ReSeal, LeaseRefusal.NotAuthorised, "no re-seal job, or it has ended");
        LeaseRefusedException.Unless(
            retentionClass == Class && epoch >= FirstEpoch && epoch <= LastEpoch,
            LeaseRefusal.NotAuthorised, "the part is not the job's");
    }

    public ResealedPart? PartOf(uint epoch) => Array.Find(Parts, part => part.Epoch == epoch);

    public MaintainJob With(ResealedPart part) => this with
    {
        Parts = [.. Parts.Where(other => other.Epoch != part.Epoch), part],
    };

    public MaintainJob Tell(JobProgress progress) => this with
    {
        Progress = progress with
        {
            Fault = progress.Fault.Length <= JobProgress.FaultCharsMax
                ? progress.Fault
                : progress.Fault[..JobProgress.FaultCharsMax],
        },
    };

    public MaintainJob Finish(DateTimeOffset now) => this with
    {
        Ended = true, FinishedAt = now, Progress = new(Progress.Total, Progress.Total, ""),
    };

    private static void Unless(bool holds, string why) =>
        LeaseRefusedException.Unless(holds, LeaseRefusal.Invalid, why);
}

/// <summary>A part that a job seals anew.</summary>
/// <param name="Generation">Of the old tree; the fresh one is the next.</param>
/// <param name="Done">The old tree is forgotten.</param>
public sealed record ResealedPart(uint Epoch, uint Generation, bool Done);
