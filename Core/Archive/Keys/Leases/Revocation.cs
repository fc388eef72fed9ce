namespace AMA.Archive.Keys.Leases;

/// <summary>What a revocation is about.</summary>
public enum RevocationKind
{
    Tenant,
    Silo,
    Region,
    Session,
    Lease,
}

/// <summary>
/// Ends what was granted up to a moment; a held one also refuses what is asked for afterwards, until it is lifted. One
/// of a session or a single lease always holds: neither comes again.
/// </summary>
/// <param name="Version">Counted by Control; 0 before it is on the book.</param>
/// <param name="Id">Of the tenant, session or lease; null for a silo or the region.</param>
/// <param name="Silo">The silo's name; otherwise null.</param>
/// <param name="Held">For a silo: quarantine.</param>
public sealed record Revocation(
    long Version, RevocationKind Kind, Guid? Id, string? Silo, bool Held, DateTimeOffset At)
{
    public static Revocation OfTenant(Guid tenant, bool held) => New(RevocationKind.Tenant, tenant, null, held);

    public static Revocation OfSilo(string silo, bool held) => New(RevocationKind.Silo, null, silo, held);

    public static Revocation OfRegion(bool held) => New(RevocationKind.Region, null, null, held);

    public static Revocation OfSession(Guid session) => New(RevocationKind.Session, session, null, held: true);

    public static Revocation OfLease(Guid lease) => New(RevocationKind.Lease, lease, null, held: true);

    /// <summary>Whether it is about a lease with these facts, whenever that was granted.</summary>
    public bool Matches(LeaseFacts lease) => Kind switch
    {
        RevocationKind.Tenant => lease.Tenant == Id,
        RevocationKind.Silo => lease.Silo == Silo,
        RevocationKind.Region => true,
        RevocationKind.Session => lease.Session == Id,
        _ => lease.Lease == Id,
    };

    /// <summary>The same subject: a second one takes the first one's place.</summary>
    public bool IsAbout(Revocation other) => Kind == other.Kind && Id == other.Id && Silo == other.Silo;

    private static Revocation New(RevocationKind kind, Guid? id, string? silo, bool held) =>
        new(0, kind, id, silo, held, default);
}

/// <summary>What a revocation matches.</summary>
/// <param name="Lease">Null while it is being asked for.</param>
/// <param name="Session">The person's, of leases for search, read, export and audit.</param>
public readonly record struct LeaseFacts(Guid? Tenant, string Silo, Guid? Session, Guid? Lease);
