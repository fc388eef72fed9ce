namespace AMA.Grains.Control.SignIn;

/// <summary>
/// The one-time codes that some people used lately. A value, small whatever the number of people: a code is good for
/// a minute and a half, so that soon one number stands for all that were used.
/// </summary>
public sealed record SpentStepsState
{
    /// <summary>Of 30 s: so long a code is remembered by itself, several times as long as it is good for.</summary>
    public const int StepsKept = 10;

    /// <summary>Far more than passwords are checked in five minutes; beyond, the oldest go under the floor.</summary>
    public const int EntriesMax = 1024;

    /// <summary>No code of this step or an earlier one is taken from anybody.</summary>
    public long Floor { get; init; }

    public SpentStep[] Entries { get; init; } = [];

    /// <summary>The state once the code of this step is used; null: it was, or can't be told apart from one that was.
    /// </summary>
    /// <param name="now">The step of now.</param>
    public SpentStepsState? Spend(string key, long step, long now)
    {
        var last = Array.Find(Entries, entry => entry.Key == key)?.Step ?? 0;
        if (step <= Math.Max(last, Floor)) return null;
        var kept = Entries.Where(entry => entry.Key != key).Append(new(key, step))
            .OrderByDescending(entry => entry.Step).ToArray();
        var left = kept.Take(EntriesMax).Where(entry => entry.Step > now - StepsKept).ToArray();
        var floor = kept.Skip(left.Length).Select(entry => entry.Step).DefaultIfEmpty(0).Max();
        return new() { Floor = Math.Max(Floor, floor), Entries = left };
    }
}

/// <param name="Key"><see cref="SecondFactorShards.KeyOf"/>.</param>
/// <param name="Step">The newest 30-second step whose code was used: it and all before are worth nothing.</param>
public sealed record SpentStep(string Key, long Step);
