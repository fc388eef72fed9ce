namespace AMA.Archive.Keys.Leases;

/// <summary>What a lease is for. Each purpose gets exactly the keys docs/formats/lease.md lists for it.</summary>
public enum LeasePurpose
{
    /// <summary>No lease: numbers a silo's start and names its key for answers.</summary>
    Register,
    /// <summary>The region's queue private keys.</summary>
    Queue,
    /// <summary>An unused subtree for each part written to, with the part's index and identity keys.</summary>
    Ingest,
    /// <summary>The index keys of the parts listed, against a person's access token.</summary>
    Search,
    /// <summary>Exactly the leaves listed, against a person's access token.</summary>
    Read,
    /// <summary>Exactly the leaves of an approved export request, against an auditor's access token.</summary>
    Export,
    /// <summary>Leaves that are not indexed yet, after a crash; others for a job that the tenant's side opened.</summary>
    Maintain,
    /// <summary>The private key of the tenant's audit of searches and reads, against an auditor's token.</summary>
    Audit,
    /// <summary>No lease: a silo carries out an order to erase that the tenant's side has approved.</summary>
    Erase,
    /// <summary>The keys of what the silo keeps on its own disk; handed out at its start, never renewed.</summary>
    Partition,
    /// <summary>No lease: a silo carries out a re-seal job that the tenant's side has opened.</summary>
    ReSeal,
}

public static class LeaseLimits
{
    public const int TtlSecondsMin = 10;
    public const int TtlSecondsMax = 28_800;
    public const int TtlSecondsDefault = 3600;

    /// <summary>The least a tenant's own policy may set; its most is <see cref="TtlSecondsMax"/>.</summary>
    public const int PolicyTtlSecondsMin = 900;

    /// <summary>A lease that has been renewed for so long ends, and its holder asks for a new one.</summary>
    public const int MaxAgeSeconds = 86_400;

    /// <summary>Retention parts in one request.</summary>
    public const int TargetsMax = 256;

    /// <summary>Leaves in one read request, over all targets.</summary>
    public const int ReadLeavesMax = 1024;

    /// <summary>Leaves in one maintain request, over all targets.</summary>
    public const int MaintainLeavesMax = 4096;

    /// <summary>Leaves in one export request, over all targets.</summary>
    public const int ExportLeavesMax = 4096;

    public const int ReportsMax = 1024;

    /// <summary>Ranges of leaves in one re-seal request.</summary>
    public const int RangesMax = 4096;

    /// <summary>Live renewable leases of one tenant in one silo.</summary>
    public const int LeasesPerSiloMax = 256;

    /// <summary>Grants of one tenant to one silo within a minute: far more than people read.</summary>
    public const int GrantsPerMinuteMax = 6000;

    /// <summary>A granted subtree holds 2^16 leaves: more mail than one tenant writes within a lease.</summary>
    public const int SubtreeLeavesLog2 = 16;

    /// <summary>Of a tenant that writes little; a writer wants 4,096 free ones at any time.</summary>
    public const int SubtreeLeavesLog2Min = 13;

    public const int NonceBytes = 32;
    public const int RequestBytesMax = 1 << 20;

    /// <summary>Requests from clocks further off are refused; nonces are remembered for twice as long.</summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(5);
}
