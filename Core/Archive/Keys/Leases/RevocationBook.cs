namespace AMA.Archive.Keys.Leases;

/// <summary>
/// The revocations of a region that still mean something, numbered as they came. A value; Control keeps it durably.
/// </summary>
public sealed record RevocationBook
{
    /// <summary>
    /// Ended sessions on the book at once. Anybody with a password can end as many as they like, so beyond it the oldest
    /// go: connected silos heard of them within moments, and Control asks for the session itself before it grants.
    /// </summary>
    public const int SessionsMax = 65_536;

    /// <summary>All others: only operators make them, and sessions never take their place.</summary>
    public const int OthersMax = 65_536;

    /// <summary>
    /// No lease lives longer: 24 h, and an hour for clocks. What is held by people stays until it is lifted.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(25);

    /// <summary>
    /// No lease of a session that a silo still holds after it was ended lives longer than one time to live, nor does
    /// the person's token; and an hour for clocks.
    /// </summary>
    private static readonly TimeSpan SessionKeptFor =
        TimeSpan.FromSeconds(LeaseLimits.TtlSecondsMax) + TimeSpan.FromHours(1);

    public long Version { get; init; }

    public Revocation[] Entries { get; init; } = [];

    public RevocationBook Add(Revocation revocation, DateTimeOffset now)
    {
        var kept = Entries.Where(entry => !entry.IsAbout(revocation) && Means(entry, now)).ToList();
        var sessions = kept.Count(IsOfSession);
        if (!IsOfSession(revocation))
            LeaseRefusedException.Unless(
                kept.Count - sessions < OthersMax, LeaseRefusal.Unavailable, "too many revocations within a day");
        else if (sessions >= SessionsMax)
            kept.RemoveAt(kept.FindIndex(IsOfSession));
        var next = revocation with { Version = Version + 1, At = now };
        return this with { Version = next.Version, Entries = [.. kept, next] };
    }

    /// <summary>
    /// Takes the hold off: leases are granted again, those from before stay ended. Null: nothing was held.
    /// </summary>
    public RevocationBook? Lift(Revocation like)
    {
        if (Lasting(like) || Array.Find(Entries, entry => entry.IsAbout(like) && entry.Held) is not { } held) return null;
        return this with { Entries = [.. Entries.Select(entry => entry == held ? held with { Held = false } : entry)] };
    }

    /// <summary>
    /// What came after <paramref name="version"/>. All of it when that is a version this book never had: then it is an
    /// older book, and the asker begins anew.
    /// </summary>
    public Revocation[] Since(long version) =>
        version > Version ? Entries : [.. Entries.Where(entry => entry.Version > version)];

    /// <summary>The reason why nothing may be granted now, or null.</summary>
    public string? RefusesNew(LeaseFacts asked) => Array.Find(
        Entries, entry => entry.Held && entry.Matches(asked)) is { } held ? Reason(held) : null;

    /// <summary>The reason why a lease granted then is over, or null.</summary>
    public string? Ended(LeaseFacts lease, DateTimeOffset grantedAt) => Array.Find(
        Entries, entry => entry.Matches(lease) && (entry.Held || grantedAt <= entry.At)) is { } ended
        ? Reason(ended)
        : null;

    private static bool Means(Revocation entry, DateTimeOffset now) =>
        (entry.Held && !Lasting(entry)) || now - entry.At < (IsOfSession(entry) ? SessionKeptFor : KeptFor);

    private static bool IsOfSession(Revocation entry) => entry.Kind == RevocationKind.Session;

    private static bool Lasting(Revocation entry) => entry.Kind is RevocationKind.Session or RevocationKind.Lease;

    private static string Reason(Revocation revocation) => revocation switch
    {
        { Kind: RevocationKind.Silo, Held: true } => "the silo is in quarantine",
        { Kind: RevocationKind.Session } => "the session was ended",
        _ => $"revoked for the {revocation.Kind.ToString().ToLowerInvariant()}",
    };
}
