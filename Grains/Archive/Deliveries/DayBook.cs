using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Grains.Archive.Deliveries;

/// <summary>A tenant's deliveries at one moment: what its log holds by day, and what still waits in the queue.</summary>
/// <param name="NextBatch">The log is looked at below it.</param>
/// <param name="Waiting">Not in the log below <paramref name="NextBatch"/>, oldest first.</param>
/// <param name="OldestUnread">See <see cref="QueueView.OldestUnread"/>.</param>
/// <param name="Quarantined">Segments of the region that were put aside, by day.</param>
public sealed record DayBook(
    ulong NextBatch, IReadOnlyList<DayView> Days, IReadOnlyList<QueuedView> Waiting, DateTimeOffset? OldestUnread,
    IReadOnlyDictionary<DateOnly, int> Quarantined)
{
    /// <summary>
    /// A day's file is not final before: messages that were being taken at midnight are durable by then.
    /// </summary>
    public static readonly TimeSpan FinalAfter = TimeSpan.FromHours(1);

    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>The day is over, and the queue has nothing that is as old.</summary>
    public bool IsFinal(DateOnly day, DateTimeOffset now)
    {
        var settled = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) + FinalAfter;
        return now >= settled && !(OldestUnread < settled) && Waiting.All(one => DayOf(one.AcceptedAt) > day);
    }

    public IEnumerable<QueuedView> WaitingOf(DateOnly day) => Waiting.Where(one => DayOf(one.AcceptedAt) == day);

    public DayView? Find(DateOnly day) => Days.FirstOrDefault(one => one.Day == day);

    public DayTotals Totals(DateOnly day, DateTimeOffset now)
    {
        var sources = Find(day)?.Sources ?? [];
        return new(
            day, IsFinal(day, now), sources.Sum(s => s.Archived), sources.Sum(s => s.Duplicates),
            Quarantined.GetValueOrDefault(day), WaitingOf(day).Count());
    }

    /// <summary>Days that have anything, newest first.</summary>
    public DayTotals[] All(DateTimeOffset now) => [.. Days.Select(day => day.Day)
        .Concat(Waiting.Select(one => DayOf(one.AcceptedAt))).Concat(Quarantined.Keys)
        .Distinct().OrderDescending().Select(day => Totals(day, now))];
}
