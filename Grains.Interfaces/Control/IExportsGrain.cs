using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// A tenant's export requests. Key: "{region}/{tenant id}". An auditor opens one; a security officer of the tenant and
/// one of the provider approve; then its leaves may be leased until it ends.
/// </summary>
[Alias("ama.control.exports")]
public interface IExportsGrain : IGrainWithStringKey
{
    [Alias("open")] Task<ExportView> Open(string accessToken, NewExport export);
    [Alias("approve")] Task<ExportView> Approve(string accessToken, Guid export);

    /// <summary>For auditors, officers and tenant-admins; newest first.</summary>
    [Alias("list")] Task<ExportView[]> List(string accessToken);
}

/// <param name="LegalBasisSha256">32 bytes: of the document the request rests on.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-export")]
public sealed record NewExport(
    [property: Id(0)] ExportPart[] Parts, [property: Id(1)] byte[] LegalBasisSha256,
    [property: Id(2)] DateTimeOffset EndsAt);

/// <summary>Records of one retention part, by their leaves.</summary>
[GenerateSerializer, Immutable, Alias("ama.control.export-part")]
public readonly record struct ExportPart(
    [property: Id(0)] ushort Class, [property: Id(1)] uint Epoch, [property: Id(2)] uint Generation,
    [property: Id(3)] uint[] Leaves);

/// <param name="Approvals">Names of the officers who approved.</param>
[GenerateSerializer, Immutable, Alias("ama.control.export")]
public sealed record ExportView(
    [property: Id(0)] Guid Id, [property: Id(1)] int Records, [property: Id(2)] byte[] LegalBasisSha256,
    [property: Id(3)] string OpenedBy, [property: Id(4)] DateTimeOffset OpenedAt, [property: Id(5)] DateTimeOffset EndsAt,
    [property: Id(6)] string[] Approvals, [property: Id(7)] bool Approved);
