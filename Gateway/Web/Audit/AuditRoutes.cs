using System.Text;
using System.Text.Json;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Messages;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Audit;

internal static class AuditRoutes
{
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit/leases", ReadAsync).WithName("AuditLeases").WithTags("Audit").Answers(401, 403, 503);

    /// <summary>Who got which key of the tenant, when and why</summary>
    /// <remarks>
    /// For the tenant's auditors: every lease of its keys, granted or refused, and everything else that Control recorded
    /// about the tenant. Each entry comes with its path to the root that Control signed.
    /// </remarks>
    internal static async Task<Ok<AuditPageShape>> ReadAsync(
        SessionToken session, IClusters clusters, string? since, string? cursor)
    {
        session.RequireTenant();
        DateTimeOffset? from = null;
        if (since is not null)
        {
            if (!AuditTimes.TryParse(since, out var time))
                throw new ProblemException(Problem.BadRequest("since is a time, such as 2026-03-04T05:06Z."));
            from = time;
        }
        var page = PageRequest.Read(null, null, cursor);
        var read = await clusters.Audit().Tenant(session.Text, new(from, null, page.Cursor));
        return TypedResults.Ok(new AuditPageShape(
            [.. read.Items.Select(Shape)], read.Next, read.Checkpoint, read.VerifierKey));
    }

    private static AuditItemShape Shape(AuditItem item)
    {
        using var json = JsonDocument.Parse(item.Entry);
        var entry = json.RootElement;
        return new(
            item.Index, Text("act") ?? "", entry.GetProperty("granted").GetBoolean(),
            entry.GetProperty("time").GetDateTimeOffset().UtcDateTime, Text("silo"), Text("purpose"), Text("person"),
            Text("reason"), Encoding.UTF8.GetString(item.Entry), Convert.ToBase64String(item.Salt),
            [.. item.Path.Select(Convert.ToBase64String)]);

        string? Text(string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
