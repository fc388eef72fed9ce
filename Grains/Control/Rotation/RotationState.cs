using Orleans;

namespace AMA.Grains.Control.Rotation;

/// <summary>What is rotated: wrapping keys, by what they wrap.</summary>
public enum RotationKind
{
    /// <summary>RKEK.</summary>
    Root,
    /// <summary>SKEK.</summary>
    Store,
    /// <summary>TKEK of every tenant.</summary>
    Tenants,
}

/// <summary>When each kind of key was last rotated to its end, and how far those are that are under way.</summary>
public sealed record RotationState
{
    public DateTimeOffset? Root { get; init; }
    public DateTimeOffset? Store { get; init; }
    public DateTimeOffset? Tenants { get; init; }

    public TenantRound? RootRound { get; init; }
    public TenantRound? TenantsRound { get; init; }

    public TenantRound? RoundOf(RotationKind kind) => kind switch
    {
        RotationKind.Root => RootRound,
        RotationKind.Tenants => TenantsRound,
        _ => null,
    };

    /// <param name="round">Null: there is none under way.</param>
    public RotationState With(RotationKind kind, TenantRound? round) => kind == RotationKind.Root
        ? this with { RootRound = round }
        : this with { TenantsRound = round };

    public RotationState Ended(RotationKind kind, DateTimeOffset now) => kind switch
    {
        RotationKind.Root => this with { Root = now, RootRound = null },
        RotationKind.Store => this with { Store = now },
        _ => this with { Tenants = now, TenantsRound = null },
    };
}

/// <summary>How far a rotation has come in the directory's list of tenants, which only grows at its end.</summary>
/// <param name="Next">Tenants before it had their turn.</param>
/// <param name="Failed">Those of them that must have another.</param>
public sealed record TenantRound(int Next, Guid[] Failed)
{
    /// <summary>
    /// Of a root key's round: the key (RKEK) under which tenants were wrapped. For any other key the round counts for
    /// nothing. Null: those of TKEKs, which wrap to no common key.
    /// </summary>
    public Guid? To { get; init; }

    /// <summary>Those that failed in an earlier try, and have their turn before all others.</summary>
    public Guid[] Again { get; init; } = [];

    /// <summary>Every one that failed is tried once more.</summary>
    public TenantRound TryAgain() => this with { Again = [.. Again, .. Failed], Failed = [] };

    /// <summary>Whose turn it is.</summary>
    /// <param name="all">The directory's list of tenants.</param>
    public Guid[] Page(Guid[] all) => [.. Again.Length > 0 ? Again.Take(PageMax) : all.Skip(Next).Take(PageMax)];

    /// <summary>After the turn of <paramref name="page"/>.</summary>
    public TenantRound After(Guid[] page, Guid[] failed) => this with
    {
        Again = [.. Again.Skip(PageMax)],
        Next = Again.Length > 0 ? Next : Next + page.Length,
        Failed = [.. Failed, .. failed],
    };

    /// <summary>Tenants of one call: each a write of its own.</summary>
    public const int PageMax = 32;

    /// <summary>Beyond, something is wrong with more than some tenants: the round waits.</summary>
    public const int FailedMax = 256;
}

/// <summary>How far a rotation is.</summary>
/// <param name="Total">Tenants; 0 where there are none to do.</param>
/// <param name="Failed">Tenants whose keys could not be wrapped anew: the next hour tries again.</param>
/// <param name="IsOver">Nothing is left to do now.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.rotation-step")]
public sealed record RotationStep(
    [property: Id(0)] RotationKind Kind, [property: Id(1)] int Done, [property: Id(2)] int Total,
    [property: Id(3)] int Failed, [property: Id(4)] bool IsOver);
