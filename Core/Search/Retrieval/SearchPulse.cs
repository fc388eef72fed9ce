namespace AMA.Search.Retrieval;

/// <summary>Asked again and again by whatever may take long: is there time left, and is the index still open?</summary>
internal sealed class SearchPulse(TimeProvider time, TimeSpan limit, SearchGate gate)
{
    private readonly long _start = time.GetTimestamp();

    public void Check()
    {
        gate.Check();
        if (time.GetElapsedTime(_start) > limit) throw new SearchTooSlowException(limit);
    }
}
