using AMA.Archive.Ids;

namespace AMA.Gateway.Cli.Sending;

/// <summary>
/// When to try again: after 0.5 s, then twice as long each time up to 30 s; each wait is shortened by up to half.
/// </summary>
/// <param name="RetriesMax">Tries after the first.</param>
/// <param name="Random">Spreads the tries of many connections that failed at the same moment.</param>
internal sealed record RetrySchedule(int RetriesMax, IRandom Random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Null when attempt number <paramref name="attempt"/> (from 0) was the last.</summary>
    public TimeSpan? After(int attempt)
    {
        if (attempt >= RetriesMax) return null;
        var full = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Min(attempt, 16)));
        Span<byte> dice = stackalloc byte[1];
        Random.Fill(dice);
        return TimeSpan.FromSeconds(full * (1 - dice[0] / 512.0));
    }
}
