using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;

namespace AMA.Grains.Control;

/// <summary>What Control's grains are told at start.</summary>
public sealed record ControlOptions
{
    /// <summary>The one region this Control serves: requests for another are refused.</summary>
    public required Region Region { get; init; }

    /// <summary>
    /// How long a lease lasts unless renewed, 10 to 28,800 s; default an hour. After it a silo that lost Control can't
    /// search or store; a short one notices a revocation sooner and asks more often.
    /// </summary>
    public int LeaseTtlSeconds { get; init; } = LeaseLimits.TtlSecondsDefault;

    /// <summary>Leaves of a granted subtree, as a power of two. Default 2^16.</summary>
    public int SubtreeLeavesLog2 { get; init; } = LeaseLimits.SubtreeLeavesLog2;

    /// <summary>How long a person stays signed in; default 8 h. A session never lasts longer.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromHours(8);

    /// <summary>
    /// How long an access token is good for before its session must renew it; default 15 min. Role and addresses are
    /// read anew at each renewal.
    /// </summary>
    public TimeSpan AccessGrantLife { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Whether a tenant may be made whose people need no second factor: for trying out on one machine only. Default
    /// no.
    /// </summary>
    public bool SecondFactorMayBeOff { get; init; }

    /// <summary>Of gateways' and silos' certificates, 24 to 72 h; default 72 h.</summary>
    public TimeSpan CertificateLife { get; init; } = TimeSpan.FromHours(72);
}
