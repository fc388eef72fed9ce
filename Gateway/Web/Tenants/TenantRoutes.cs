using AMA.Archive.Access;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Tenants;

internal static class TenantRoutes
{
    public static void MapTenants(this IEndpointRouteBuilder routes)
    {
        var tenants = routes.MapGroup("/tenants").WithTags("Tenants");
        tenants.MapPost("", CreateTenantAsync).WithName("CreateTenant").Answers(401, 403, 409, 503);
    }

    /// <summary>Create a tenant</summary>
    /// <remarks>
    /// With the operator token. Makes the tenant's keys and its first source, whose password stands in this answer and
    /// nowhere else, and answers when the connected SMTP gateways know its journal
    /// addresses: mail may be sent at once.
    /// </remarks>
    internal static async Task<Created<TenantShape>> CreateTenantAsync(
        OperatorToken operatorToken, NewTenantShape body, IClusters clusters, DirectoryNews news)
    {
        // Checked here as well: what we would name in a path later must be a name now.
        if (!TenantName.TryParse(body.Name, out var name))
            throw new ProblemException(Problem.BadRequest(
                $"A tenant's name is 1 to {DirectoryRules.TenantNameCharsMax} letters (a to z), digits or '-'."));
        var made = await clusters.Directory().CreateTenant(
            operatorToken.Text, new NewTenant(name.ToString(), body.JournalAddresses)
            {
                SecondFactor = body.SecondFactor, JournalDomains = body.JournalDomains,
            });
        await news.SpreadAsync(made.DirectoryVersion);
        return TypedResults.Created((string?)null, SourceRoutes.Shape(made));
    }
}
