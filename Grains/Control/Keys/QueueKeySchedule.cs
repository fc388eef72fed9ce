using AMA.Archive.Access;

namespace AMA.Grains.Control.Keys;

/// <summary>When queue keys are made and how long their public halves are valid.</summary>
public static class QueueKeySchedule
{
    /// <summary>A gateway that hears nothing from Control goes on for so long, less the week that has begun.</summary>
    public static readonly TimeSpan PublicLife = TimeSpan.FromDays(30);

    /// <summary>
    /// A key is there so long before its week begins. Longer than the greatest age of a lease: every queue lease that
    /// is live when the first segment is sealed to a key holds that key.
    /// </summary>
    public static readonly TimeSpan MadeAhead = TimeSpan.FromDays(2);

    /// <summary>
    /// A key lives so long after the last moment at which a segment may have been sealed to it, whatever is reported:
    /// for copies that turn up late, and clocks that differ.
    /// </summary>
    public static readonly TimeSpan KeptAfter = TimeSpan.FromDays(7);

    /// <summary>The key's time is over, and the spool was seen not to need it.</summary>
    public static bool MayDie(ulong week, ulong oldestNeeded, DateTimeOffset now) =>
        week < oldestNeeded && now >= NotAfter(week) + KeptAfter;

    /// <summary>Weeks without a key that have, or will soon have, begun; oldest first.</summary>
    public static ulong[] Missing(IReadOnlyCollection<ulong> made, DateTimeOffset now)
    {
        ulong[] wanted = [QueueWeek.Of(now), QueueWeek.Of(now + MadeAhead)];
        return [.. wanted.Distinct().Where(week => !made.Contains(week))];
    }

    public static DateTimeOffset NotBefore(ulong week) => QueueWeek.Begin(week);

    public static DateTimeOffset NotAfter(ulong week) => QueueWeek.Begin(week) + PublicLife;
}
