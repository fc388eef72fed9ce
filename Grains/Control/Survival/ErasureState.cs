namespace AMA.Grains.Control.Survival;

/// <summary>What became of erasure keys, and when the last round was.</summary>
public sealed record ErasureState
{
    /// <summary>Destructions that are remembered: twice as long as any certificate waits for them.</summary>
    public const int DestroyedMax = 512;

    public DestroyedKey[] Destroyed { get; init; } = [];

    public DateTimeOffset? LastRound { get; init; }

    public ErasureState Plus(DestroyedKey key) => this with
    {
        Destroyed = [.. Destroyed.Where(other => other.Store != key.Store || other.Week != key.Week)
            .Append(key).TakeLast(DestroyedMax)],
    };

    /// <summary>
    /// When everything erased in <paramref name="week"/> was, or will be, unreadable everywhere: once the keys of that
    /// week are final in both stores. Null: not destroyed yet.
    /// </summary>
    public DateTimeOffset? FinalEverywhere(ulong week)
    {
        var ends = Destroyed.Where(key => key.Week == week).ToArray();
        return ends.Select(key => key.Store).Distinct().Count() < 2 ? null : ends.Max(key => key.FinalAt);
    }
}

/// <param name="Store">"a" or "b".</param>
/// <param name="FinalAt">As the key root answered it.</param>
public sealed record DestroyedKey(string Store, ulong Week, DateTimeOffset DestroyedAt, DateTimeOffset FinalAt);
