namespace AMA.Archive.Keys.Leases;

/// <summary>Why a lease is refused.</summary>
public enum LeaseRefusal
{
    /// <summary>Whoever asks may not have it, or may not have it any more.</summary>
    NotAuthorised,
    /// <summary>There is no such tenant, part, lease or leaf.</summary>
    NotFound,
    /// <summary>The request contradicts itself or passes a limit: a fault of the asking silo.</summary>
    Invalid,
    /// <summary>Not now; a later try may succeed.</summary>
    Unavailable,
}

/// <summary>A request was refused. The message says why, without content, addresses or keys.</summary>
public sealed class LeaseRefusedException(LeaseRefusal refusal, string message) : Exception(message)
{
    public LeaseRefusal Refusal { get; } = refusal;

    internal static void Unless(bool holds, LeaseRefusal refusal, string message)
    {
        if (!holds) throw new LeaseRefusedException(refusal, message);
    }
}
