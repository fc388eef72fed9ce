using AMA.Archive.Access;

namespace AMA.Archive.Keys.Leases;

/// <summary>
/// A request to hand out mail: an auditor lists records, two security officers of the two kinds approve, and then
/// exactly these leaves may be leased until the request ends. A value; throws <see cref="LeaseRefusedException"/>.
/// </summary>
/// <param name="Parts">The leaves, by part; each part once.</param>
/// <param name="LegalBasisHash">SHA-256 of the document the request rests on, 32 bytes; AMA never sees it.</param>
public sealed record ExportRequest(
    Guid Id, LeaseTarget[] Parts, byte[] LegalBasisHash, string OpenedBy, DateTimeOffset OpenedAt,
    DateTimeOffset EndsAt, ExportApproval[] Approvals)
{
    public const int LeavesMax = 10_000;

    /// <summary>Requests of one tenant that have not ended.</summary>
    public const int OpenMax = 64;

    public const int LegalBasisBytes = 32;

    public static readonly TimeSpan LifeMax = TimeSpan.FromDays(30);

    public bool IsApproved =>
        Approvals.Select(approval => approval.Role).Distinct().Count() == 2
        && Approvals.Select(approval => approval.User).Distinct(StringComparer.OrdinalIgnoreCase).Count() == 2;

    public int LeafCount => Parts.Sum(part => part.Leaves.Length);

    public void Check(DateTimeOffset now)
    {
        Unless(LegalBasisHash.Length == LegalBasisBytes, "the legal basis is given by its SHA-256");
        Unless(LeafCount is > 0 and <= LeavesMax, $"1 to {LeavesMax} records");
        Unless(EndsAt > now && EndsAt - now <= LifeMax, $"an export request ends within {LifeMax.TotalDays:0} days");
        var parts = Parts.Select(part => (part.Class, part.Epoch, part.Generation));
        Unless(Parts.Length <= LeaseLimits.TargetsMax && parts.Distinct().Count() == Parts.Length, "each part once");
    }

    /// <summary>Each kind of officer approves once, and nobody approves what they opened.</summary>
    public ExportRequest Approve(string user, AccessRole role, DateTimeOffset now)
    {
        Allowed(now < EndsAt, "the request has ended");
        Allowed(
            role is AccessRole.SecurityOfficerTenant or AccessRole.SecurityOfficerProvider,
            "only security officers approve");
        Allowed(!string.Equals(user, OpenedBy, StringComparison.OrdinalIgnoreCase), "nobody approves their own request");
        Allowed(
            !Approvals.Any(other => other.Role == role
                || string.Equals(other.User, user, StringComparison.OrdinalIgnoreCase)),
            "the second approval is another officer's, of the other kind");
        return this with { Approvals = [.. Approvals, new(user, role, now)] };
    }

    /// <summary>Refuses anything but leaves of this request, approved and not ended.</summary>
    public void CheckLeaves(IReadOnlyList<LeaseTarget> targets, DateTimeOffset now)
    {
        Allowed(now < EndsAt, "the export request has ended");
        Allowed(IsApproved, "the export request has not been approved by both officers");
        foreach (var target in targets)
        {
            var part = Array.Find(Parts, part => part.Class == target.Class && part.Epoch == target.Epoch
                && part.Generation == target.Generation);
            Allowed(
                part.Leaves is not null && target.Leaves.All(leaf => part.Leaves.Contains(leaf)),
                "a leaf that is not in the approved list");
        }
    }

    private static void Unless(bool holds, string why) =>
        LeaseRefusedException.Unless(holds, LeaseRefusal.Invalid, why);

    private static void Allowed(bool holds, string why) =>
        LeaseRefusedException.Unless(holds, LeaseRefusal.NotAuthorised, why);
}

public sealed record ExportApproval(string User, AccessRole Role, DateTimeOffset At);
