using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Session;
using AMA.Grains.Interfaces.Archive;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Status;

internal static class StatusRoutes
{
    public static void MapStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/status", GetAsync).WithName("Status").WithTags("Status").Answers(401, 403, 423, 503);

    /// <summary>Counters and health</summary>
    /// <remarks>Of the session's tenant; with the operator token, of the region.</remarks>
    internal static async Task<Ok<StatusShape>> GetAsync(HttpRequest request, IClusters clusters, OperatorGrants grants)
    {
        var token = Bearer.Read(request);
        var view = SessionToken.TryRead(token, out var session) && session.Tenant is { } tenant
            ? await clusters.Search(tenant).Status(session.Text)
            : await clusters.Totals().Status(session.IsRead ? session.Text : await grants.ForAsync(token));
        return TypedResults.Ok(Shape(view));
    }

    internal static StatusShape Shape(StatusView view) => new(
        view.Accepted, view.Archived, view.Duplicates, view.Quarantined, view.Indexed,
        new(view.SpoolEntries, view.SpoolOldestSeconds, view.SpoolFreePercent, view.SpoolAllRead),
        new(view.LeaseState, view.LeaseExpiresAt?.UtcDateTime), view.SilentSources, [.. view.Alarms.Select(Shape)]);

    private static AlarmShape Shape(AlarmView alarm) => new(
        alarm.Kind, alarm.Since.UtcDateTime, alarm.Tenant?.ToString("N"), alarm.Source?.ToString("N"),
        alarm.Gateway?.ToString("N"), alarm.First, alarm.Last);
}
