namespace AMA.Silo.Control.Identity;

/// <summary>
/// Strangers reach the enrolment endpoint, and each refusal is an entry in the audit log: so many requests a minute, all
/// callers together, and the rest come again.
/// </summary>
internal sealed class EnrolmentLimit(TimeProvider time)
{
    /// <summary>A region's processes renew about once in two days.</summary>
    public const int PerMinuteMax = 300;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _turn = new();
    private DateTimeOffset _since;
    private int _taken;

    public bool TryTake()
    {
        lock (_turn)
        {
            var now = time.GetUtcNow();
            if (now - _since >= Window) (_since, _taken) = (now, 0);
            return ++_taken <= PerMinuteMax;
        }
    }
}
