namespace AMA.Gateway.Smtp.Sessions;

/// <summary>
/// When a session that waits for its client will have waited too long. A timer for each read would cost more than the
/// read; one sweep over all sessions looks at these instead.
/// </summary>
internal sealed class SessionClock(TimeProvider time)
{
    private const long Resting = long.MaxValue;
    private readonly long _born = time.GetTimestamp();
    private long _deadline = Resting;

    /// <summary>How old the session is.</summary>
    public TimeSpan Age => time.GetElapsedTime(_born);

    /// <summary>A deadline for <see cref="WaitUntil"/>.</summary>
    public long In(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);

    public void WaitAtMost(TimeSpan span) => WaitUntil(In(span));

    public void WaitUntil(long deadline) => Volatile.Write(ref _deadline, deadline);

    /// <summary>We are at work, not waiting: no deadline.</summary>
    public void Rest() => Volatile.Write(ref _deadline, Resting);

    public bool IsResting => Volatile.Read(ref _deadline) == Resting;

    /// <summary>How long the deadline has been over; negative when it isn't.</summary>
    public TimeSpan Overdue()
    {
        var deadline = Volatile.Read(ref _deadline);
        return deadline == Resting ? TimeSpan.MinValue
            : TimeSpan.FromSeconds((time.GetTimestamp() - deadline) / (double)time.TimestampFrequency);
    }
}
