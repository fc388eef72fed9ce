using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>A region's directory of tenants, users and journal addresses. Key: the region ("eu").</summary>
[Alias("ama.control.directory")]
public interface IDirectoryGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates a tenant with its keys, durable in both of Control's stores, and the next directory version.
    /// </summary>
    [Alias("create-tenant")] Task<TenantView> CreateTenant(string operatorToken, NewTenant tenant);
    [Alias("tenants")] Task<TenantView[]> Tenants(string operatorToken);
    [Alias("create-user")] Task<UserView> CreateUser(string operatorToken, string tenantName, NewUser user);

    /// <summary>A short-lived signed access grant with role operator for the holder of the operator token.</summary>
    [Alias("operator-grant")] Task<SignedInView> OperatorGrant(string operatorToken);

    /// <summary>
    /// The signed documents a gateway lives by: addresses and queue public keys (AMA.Archive.Access).
    /// </summary>
    [Alias("documents")] Task<GatewayDocuments> Documents();

    /// <summary>
    /// The same, but null while they are those of <paramref name="known"/>: a region's documents are tens of megabytes,
    /// and are asked for every few seconds.
    /// </summary>
    /// <param name="known">Of the documents the caller has; null: none.</param>
    [Alias("news")] Task<GatewayDocuments?> News(DocumentsIssue? known);
}

[GenerateSerializer, Immutable, Alias("ama.control.new-tenant")]
public sealed record NewTenant([property: Id(0)] string Name, [property: Id(1)] string[] JournalAddresses)
{
    /// <summary>
    /// "by-role" (null too), "everybody", or "off", which only a Control set up for trying out allows.
    /// </summary>
    [Id(2)] public string? SecondFactor { get; init; }

    /// <summary>Domains of which every address is the tenant's; null: none.</summary>
    [Id(3)] public string[]? JournalDomains { get; init; }
}

[GenerateSerializer, Immutable, Alias("ama.control.tenant")]
public sealed record TenantView(
    [property: Id(0)] Guid Id, [property: Id(1)] string Name, [property: Id(2)] string Region,
    [property: Id(3)] string[] JournalAddresses, [property: Id(4)] long DirectoryVersion)
{
    [Id(5)] public string[] JournalDomains { get; init; } = [];
    [Id(6)] public bool Suspended { get; init; }
    [Id(7)] public long? MessageBytesMax { get; init; }
    [Id(8)] public int? MessagesPerMinuteMax { get; init; }

    /// <summary>Where the tenant has just been made: its first source, with its secret.</summary>
    [Id(9)] public SourceView[] Sources { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("ama.control.gateway-documents")]
public sealed record GatewayDocuments(
    [property: Id(0)] long DirectoryVersion, [property: Id(1)] byte[] Directory, [property: Id(2)] byte[] QueueKeys)
{
    /// <summary>When they were signed, ms since 1970.</summary>
    [Id(3)] public long SignedAt { get; init; }

    public DocumentsIssue Issue => new(DirectoryVersion, SignedAt);
}

/// <summary>Tells one signing of the documents from another.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.documents-issue")]
public sealed record DocumentsIssue([property: Id(0)] long Version, [property: Id(1)] long SignedAt);
