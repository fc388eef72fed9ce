namespace AMA.Grains.Control.Survival;

/// <summary>What became of erasure keys, and when the last round was.</summary>
public sealed record ErasureState
{
    /// <summary>Destructions that are remembered: twice as long as any certificate waits for them.</summary>
    public const int DestroyedMax = 512;

    public DestroyedKey[] Destroyed { get; init; } = [];

    public DateTimeOffset? LastRound { get; init; }

    /// <summary>The last blob that had its turn in the round under way; null: none is.</summary>
    public string? After { get; init; }

    /// <summary>The last restore for which every tenant's erasures were replayed.</summary>
    public uint Replayed { get; init; }

    public ErasureState Plus(DestroyedKey key) => this with
    {
        Destroyed = [.. Destroyed.Where(other => other.Store != key.Store || other.Week != key.Week)
            .Append(key).TakeLast(DestroyedMax)],
        Notices = [.. Notices.Where(notice => notice.Store != key.Store || notice.Week != key.Week)],
    };

    /// <summary>Keys that are to be destroyed, and since when that is known.</summary>
    public DueNotice[] Notices { get; init; } = [];

    /// <summary>
    /// With a notice for each of these keys and for no other; one that was there counts one more round.
    /// </summary>
    public ErasureState Notice(IEnumerable<(string Store, ulong Week)> due, DateTimeOffset now) => this with
    {
        Notices =
        [
            .. due.Select(key => Array.Find(Notices, n => n.Store == key.Store && n.Week == key.Week) is { } known
                ? known with { Rounds = known.Rounds + 1 }
                : new DueNotice(key.Store, key.Week, now, 0)),
        ],
    };

    /// <summary>
    /// When everything erased in <paramref name="week"/> was, or will be, unreadable everywhere: copies from before lie
    /// under the keys of that week and of earlier ones. Null: one of them is not destroyed yet.
    /// </summary>
    /// <param name="oldestLive">The oldest week whose key still opens something, in either store.</param>
    public DateTimeOffset? FinalEverywhere(ulong week, ulong oldestLive)
    {
        var ends = Destroyed.Where(key => key.Week <= week).ToArray();
        return oldestLive <= week || ends.Length == 0 ? null : ends.Max(key => key.FinalAt);
    }
}

/// <summary>
/// A key whose time has come by the clock. A clock may be wrong: so a day passes, by the clock and by rounds that were
/// run, before the key goes, and an operator can see it coming.
/// </summary>
/// <param name="Rounds">Hourly rounds in which it was due, after the first.</param>
public sealed record DueNotice(string Store, ulong Week, DateTimeOffset Since, int Rounds)
{
    public static readonly TimeSpan Notice = TimeSpan.FromHours(24);

    /// <summary>One less than hours in a day: rounds are not to the second.</summary>
    public const int RoundsMin = 23;

    public bool IsRipe(DateTimeOffset now) => Rounds >= RoundsMin && now - Since >= Notice;
}

/// <param name="Store">"a" or "b".</param>
/// <param name="FinalAt">As the key root answered it.</param>
public sealed record DestroyedKey(string Store, ulong Week, DateTimeOffset DestroyedAt, DateTimeOffset FinalAt);
