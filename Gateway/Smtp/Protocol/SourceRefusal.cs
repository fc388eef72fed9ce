using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>A refusal that is about who sends whose mail; counted by the session.</summary>
/// <param name="Reason">One of <see cref="RefusalReasons"/>.</param>
/// <param name="Tenant">Whose mail it was; empty: nobody's that is known.</param>
/// <param name="Source">Whose source the client is; null: of none.</param>
public readonly record struct SourceRefusal(string Reason, TenantId Tenant, Guid? Source);

public static class RefusalReasons
{
    /// <summary>550 5.7.1: a recipient of a tenant whose source the client is not.</summary>
    public const string NotASource = "not-a-source";

    /// <summary>530 5.7.0 at MAIL: the client is no tenant's source.</summary>
    public const string Stranger = "stranger";

    /// <summary>535 5.7.8.</summary>
    public const string Credentials = "credentials";

    /// <summary>450 4.2.1.</summary>
    public const string Suspended = "suspended";

    /// <summary>450 4.7.1: more messages in this minute than the tenant may send.</summary>
    public const string Rate = "rate";

    /// <summary>552 5.3.4 by the tenant's own limit.</summary>
    public const string Size = "size";
}
