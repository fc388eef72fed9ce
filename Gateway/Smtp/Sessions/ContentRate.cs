namespace AMA.Gateway.Smtp.Sessions;

/// <summary>
/// How fast a message comes: its octets over the time that we have waited for them. Our own time, for instance that of
/// a slow store, doesn't count against the client. Written by the session, read by the sweep.
/// </summary>
internal sealed class ContentRate(TimeProvider time, int bytesPerSecondMin, TimeSpan grace)
{
    private const long NotWaiting = -1;
    private long _bytes;
    private long _waited;
    private long _waitsSince = NotWaiting;

    public void Begin() => (_bytes, _waited) = (0, 0);

    public void WaitBegins() => Volatile.Write(ref _waitsSince, time.GetTimestamp());

    public void WaitEnds(long bytes)
    {
        _waited += time.GetTimestamp() - Volatile.Read(ref _waitsSince);
        _bytes += bytes;
        Volatile.Write(ref _waitsSince, NotWaiting);
    }

    /// <summary>True only while we wait.</summary>
    public bool IsTooSlow()
    {
        var since = Volatile.Read(ref _waitsSince);
        if (since == NotWaiting) return false;
        var waited = (Volatile.Read(ref _waited) + time.GetTimestamp() - since) / (double)time.TimestampFrequency;
        return waited > grace.TotalSeconds && Volatile.Read(ref _bytes) < waited * bytesPerSecondMin;
    }
}
