namespace AMA.Archive.Keys.Leases;

/// <summary>A renewable lease.</summary>
/// <param name="Fence">0 unless the purpose is ingest.</param>
/// <param name="NotAfter">When the job it is for ends; null: it is for none.</param>
public sealed record LeaseEntry(
    Guid Id, string Silo, long Incarnation, LeasePurpose Purpose, ulong Fence, DateTimeOffset GrantedAt,
    DateTimeOffset ExpiresAt, DateTimeOffset? NotAfter)
{
    /// <summary>What it was asked for: "class/epoch/generation,…"; empty for none.</summary>
    public string Parts { get; init; } = "";

    /// <summary>Its silo has named it since the grant, so the answer has arrived.</summary>
    public bool Heard { get; init; }

    /// <summary>Whether it was given to this start of this silo.</summary>
    public bool IsOf(LeaseRequest request) => Silo == request.SiloId && Incarnation == request.Incarnation;

    public static string PartsOf(LeaseRequest request) => string.Join(
        ',', request.Targets.Select(target => $"{target.Class}/{target.Epoch}/{target.Generation}"));
}

/// <summary>Leaves that no message was sealed with and none will be.</summary>
public readonly record struct FreedLeaves(PartLedger Part, uint FirstLeaf, uint Count);
