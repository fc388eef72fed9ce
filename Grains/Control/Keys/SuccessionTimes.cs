namespace AMA.Grains.Control.Keys;

/// <summary>
/// When the successor of the region's signing key (CSK) or CA comes into use, and when its predecessor is refused.
/// Everybody hears of a successor within seconds of being connected; the rest is for those who are away.
/// </summary>
public static class SuccessionTimes
{
    /// <summary>A successor is published so long before it signs or issues anything.</summary>
    public static readonly TimeSpan Announced = TimeSpan.FromDays(7);

    /// <summary>
    /// So long after it was published its predecessor is refused. As long as a certificate that has run out may still be
    /// renewed: whoever is away for longer needs a new token anyway.
    /// </summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(90);

    /// <summary>A signing key gets its successor after so long.</summary>
    public static readonly TimeSpan SigningLife = TimeSpan.FromDays(365);

    /// <summary>A CA gets its successor so long before its own end: the overlap, and a month for what may go wrong.</summary>
    public static readonly TimeSpan AuthorityAhead = Overlap + TimeSpan.FromDays(30);

    /// <summary>
    /// Control itself shows a certificate of the older CA for as long as it can: who hasn't heard knows no other.
    /// </summary>
    public static readonly TimeSpan OwnUntil = Overlap - TimeSpan.FromDays(4);
}
