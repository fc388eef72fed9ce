using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// Who may send a tenant's mail, and what limits it has. Key: "{region}/{tenant name, lower case}". The token is a
/// tenant-admin's access token or the operator token; limits and suspension are the operator's alone. Throws
/// <see cref="ControlException"/>: NotAuthorised, NotAllowed, NotFound, Conflict, Invalid. Every call is on record before
/// it is done.
/// </summary>
[Alias("ama.control.sources")]
public interface ISourcesGrain : IGrainWithStringKey
{
    /// <summary>Without secrets.</summary>
    [Alias("list")] Task<SourcesView> List(string token);

    /// <summary>The secret of a source of kind "auth" is in this answer and nowhere else.</summary>
    [Alias("add")] Task<SourcesChange> Add(string token, NewSource source);

    /// <summary>Conflict for the last one: a tenant without sources would get no mail.</summary>
    [Alias("remove")] Task<SourcesChange> Remove(string token, Guid source);

    /// <summary>
    /// Says how often something is expected from a source, 0 for no matter how seldom; a tenant-admin or the operator.
    /// </summary>
    [Alias("expect")] Task<SourcesChange> Expect(string token, Guid source, int seconds);

    [Alias("change")] Task<TenantView> Change(string token, TenantChange change);
}

/// <param name="Kind">"auth", "network" or "certificate".</param>
/// <param name="Cidr">Of a network: "192.0.2.0/24", or one address.</param>
/// <param name="Sha256">Of a certificate: SHA-256 over its DER, in hex.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-source")]
public sealed record NewSource(
    [property: Id(0)] string Kind, [property: Id(1)] string? Cidr, [property: Id(2)] string? Sha256);

/// <param name="Tenant">Whose they are.</param>
[GenerateSerializer, Immutable, Alias("ama.control.sources-view")]
public sealed record SourcesView([property: Id(0)] Guid Tenant, [property: Id(1)] SourceView[] Sources);

/// <param name="User">Of kind "auth": whom the client signs in as.</param>
/// <param name="Password">Only where it was made just now.</param>
/// <param name="ExpectedSeconds">It is silent when nothing came for longer; null: never.</param>
[GenerateSerializer, Immutable, Alias("ama.control.source")]
public sealed record SourceView(
    [property: Id(0)] Guid Id, [property: Id(1)] string Kind, [property: Id(2)] string? User,
    [property: Id(3)] string? Password, [property: Id(4)] string? Cidr, [property: Id(5)] string? Sha256,
    [property: Id(6)] int? ExpectedSeconds = null)
{
    public override string ToString() => "[source]";
}

/// <param name="Source">The one that was added or removed.</param>
[GenerateSerializer, Immutable, Alias("ama.control.sources-change")]
public sealed record SourcesChange([property: Id(0)] SourceView Source, [property: Id(1)] long DirectoryVersion);

/// <summary>What is null stays as it is; a limit of 0 takes it away.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.tenant-change")]
public sealed record TenantChange
{
    [Id(0)] public bool? Suspended { get; init; }
    [Id(1)] public long? MessageBytesMax { get; init; }
    [Id(2)] public int? MessagesPerMinuteMax { get; init; }
}
