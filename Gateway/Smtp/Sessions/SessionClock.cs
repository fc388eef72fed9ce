namespace AMA.Gateway.Smtp.Sessions;

/// <summary>
/// When a session that waits for its client will have waited too long. A timer for each read would cost more than the
/// read; one sweep over all sessions looks at these instead.
/// </summary>
internal sealed class SessionClock(TimeProvider time)
{
    private const long Resting = long.MaxValue;
    private long _deadline = Resting;

    public void WaitAtMost(TimeSpan span) =>
        Volatile.Write(ref _deadline, time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency));

    /// <summary>We are at work, not waiting: no deadline.</summary>
    public void Rest() => Volatile.Write(ref _deadline, Resting);

    /// <summary>How long the deadline has been over; negative when it isn't.</summary>
    public TimeSpan Overdue()
    {
        var deadline = Volatile.Read(ref _deadline);
        return deadline == Resting ? TimeSpan.MinValue
            : TimeSpan.FromSeconds((time.GetTimestamp() - deadline) / (double)time.TimestampFrequency);
    }
}
