namespace AMA.Archive.Keys.Leases;

/// <summary>
/// The revocations of a region that still mean something, numbered as they came. A value; Control keeps it durably.
/// </summary>
public sealed record RevocationBook
{
    /// <summary>On the book at once; far more than people sign out in a day.</summary>
    public const int EntriesMax = 65_536;

    /// <summary>
    /// Nothing that was granted lives longer: a lease for 24 h, a session for 24 h, and an hour for clocks. What is
    /// held by people stays until it is lifted.
    /// </summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(25);

    public long Version { get; init; }

    public Revocation[] Entries { get; init; } = [];

    public RevocationBook Add(Revocation revocation, DateTimeOffset now)
    {
        var kept = Entries.Where(entry => !entry.IsAbout(revocation) && Means(entry, now)).ToArray();
        LeaseRefusedException.Unless(
            kept.Length < EntriesMax, LeaseRefusal.Unavailable, "too many revocations within a day");
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
        (entry.Held && !Lasting(entry)) || now - entry.At < KeptFor;

    private static bool Lasting(Revocation entry) => entry.Kind is RevocationKind.Session or RevocationKind.Lease;

    private static string Reason(Revocation revocation) => revocation switch
    {
        { Kind: RevocationKind.Silo, Held: true } => "the silo is in quarantine",
        { Kind: RevocationKind.Session } => "the session was ended",
        _ => $"revoked for the {revocation.Kind.ToString().ToLowerInvariant()}",
    };
}
