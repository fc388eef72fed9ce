using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Status;
using AMA.Grains.Interfaces.Archive;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Tenants;

/// <summary>
/// Who may send a tenant's mail, and its limits. The tenant in the path is what an operator means; a session reaches its
/// own tenant only, and to it any other is not there.
/// </summary>
internal static class SourceRoutes
{
    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var tenant = routes.MapGroup("/tenants/{tenant}").WithTags("Sources");
        tenant.MapPatch("", ChangeAsync).WithName("ChangeTenant").Answers(401, 403, 404, 503);
        tenant.MapGet("/sources", ListAsync).WithName("ListSources").Answers(401, 403, 404, 503);
        tenant.MapPost("/sources", AddAsync).WithName("AddSource").Answers(401, 403, 404, 409, 503);
        tenant.MapPatch("/sources/{source}", ExpectAsync).WithName("ChangeSource").Answers(401, 403, 404, 503);
        tenant.MapDelete("/sources/{source}", RemoveAsync).WithName("RemoveSource").Answers(401, 403, 404, 409, 503);
    }

    /// <summary>Suspend, resume or limit a tenant</summary>
    /// <remarks>With the operator token. Members left out stay as they are.</remarks>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<Ok<TenantShape>> ChangeAsync(
        KeeperToken token, string tenant, TenantChangeShape body, IClusters clusters, DirectoryNews news)
    {
        var changed = await Sources(clusters, tenant, token).Change(token.Text, new()
        {
            Suspended = body.Suspended, MessageBytesMax = body.MessageBytesMax,
            MessagesPerMinuteMax = body.MessagesPerMinuteMax,
        });
        await news.SpreadAsync(changed.DirectoryVersion);
        return TypedResults.Ok(Shape(changed));
    }

    /// <summary>A tenant's sources, and what came from each</summary>
    /// <remarks>
    /// Counts and times only. While the archive can't be asked the sources are listed without them. Sources that were
    /// removed are listed no more; status counts what came from them.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<Ok<SourcesShape>> ListAsync(
        KeeperToken token, string tenant, IClusters clusters, OperatorGrants grants)
    {
        var listed = await Sources(clusters, tenant, token).List(token.Text);
        var counts = await CountsAsync(token, listed.Tenant, clusters, grants);
        return TypedResults.Ok(new SourcesShape([.. listed.Sources.Select(source => Shape(source) with
        {
            Counts = counts is null ? null : SourceCountsShape.Of(counts.GetValueOrDefault(source.Id)),
        })]));
    }

    /// <summary>Null: the archive can't be asked now.</summary>
    private static async Task<Dictionary<Guid, SourceCountView>?> CountsAsync(
        KeeperToken token, Guid tenant, IClusters clusters, OperatorGrants grants)
    {
        try
        {
            var grant = token.IsSession ? token.Text : await grants.ForAsync(token.Text);
            return (await clusters.Totals().Sources(grant, tenant)).ToDictionary(one => one.Source);
        }
        catch (Exception fault) when (ProblemMapping.Of(fault)?.Status is 423 or 503)
        {
            return null;
        }
    }

    /// <summary>Say how often something is expected from a source</summary>
    /// <remarks>
    /// By a tenant-admin or with the operator token. From now on a source from which nothing was accepted for longer is
    /// silent: an alarm in status, log and metrics.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="source">The source's id.</param>
    internal static async Task<Ok<SourceShape>> ExpectAsync(
        KeeperToken token, string tenant, string source, SourceChangeShape body, IClusters clusters, DirectoryNews news)
    {
        var changed = await Sources(clusters, tenant, token).Expect(token.Text, IdOf(source), body.ExpectedSeconds);
        await news.SpreadAsync(changed.DirectoryVersion);
        return TypedResults.Ok(Shape(changed.Source));
    }

    /// <summary>Add a source</summary>
    /// <remarks>
    /// By a tenant-admin or with the operator token. The password of a source of kind auth stands in this answer and
    /// nowhere else. Answers when the connected SMTP gateways know the source.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<Created<SourceShape>> AddAsync(
        KeeperToken token, string tenant, NewSourceShape body, IClusters clusters, DirectoryNews news)
    {
        var added = await Sources(clusters, tenant, token).Add(token.Text, new(body.Kind, body.Cidr, body.Sha256));
        await news.SpreadAsync(added.DirectoryVersion);
        return TypedResults.Created((string?)null, Shape(added.Source));
    }

    /// <summary>Remove a source</summary>
    /// <remarks>
    /// Mail from it is refused as soon as this answers. A tenant's last source stays (409): without one it would get no
    /// mail.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="source">The source's id.</param>
    internal static async Task<NoContent> RemoveAsync(
        KeeperToken token, string tenant, string source, IClusters clusters, DirectoryNews news)
    {
        var removed = await Sources(clusters, tenant, token).Remove(token.Text, IdOf(source));
        await news.SpreadAsync(removed.DirectoryVersion);
        return TypedResults.NoContent();
    }

    private static Guid IdOf(string source) => Guid.TryParse(source, out var id)
        ? id
        : throw new ProblemException(Problem.NotFound("The tenant has no such source."));

    internal static TenantShape Shape(TenantView tenant) => new(
        tenant.Name, tenant.Region, tenant.JournalAddresses, tenant.JournalDomains, tenant.Suspended,
        tenant.MessageBytesMax, tenant.MessagesPerMinuteMax, [.. tenant.Sources.Select(Shape)]);

    private static ISourcesGrain Sources(IClusters clusters, string tenant, KeeperToken token)
    {
        if (TenantName.TryParse(tenant, out var name) && token.Reaches(name)) return clusters.Sources(name);
        throw new ProblemException(Problem.NotFound("There is no such tenant."));
    }

    private static SourceShape Shape(SourceView source) => new(
        source.Id.ToString("N"), source.Kind, source.User, source.Password, source.Cidr, source.Sha256,
        source.ExpectedSeconds);
}
