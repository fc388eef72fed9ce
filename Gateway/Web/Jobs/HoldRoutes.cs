using System.Text.Json.Serialization;
using AMA.Archive.Retention;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Session;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Jobs;

/// <summary>
/// Legal holds, and the end of retention parts: orders like those to erase, of other kinds. Control checks role and
/// session of every call.
/// </summary>
internal static class HoldRoutes
{
    public static void MapHolds(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Keys");
        group.MapGet("/holds", ListAsync).WithName("ListHolds").Answers(401, 403, 503);
        group.MapPost("/holds", HoldAsync).WithName("Hold").Answers(401, 403, 503);
        group.MapPost("/holds/release", ReleaseAsync).WithName("ReleaseHold").Answers(401, 403, 503);
        group.MapPost("/holds/{id:guid}/approval", ApproveAsync).WithName("ApproveRelease").Answers(401, 403, 404, 503);
        group.MapGet("/part-ends", ListEndsAsync).WithName("ListPartEnds").Answers(401, 403, 503);
        group.MapPost("/part-ends", EndAsync).WithName("EndPart").Answers(401, 403, 503);
        group.MapPost("/part-ends/{id:guid}/approval", ApproveAsync).WithName("ApprovePartEnd").Answers(401, 403, 404, 503);
    }

    /// <summary>Orders to hold records, and to let them go</summary>
    internal static Task<Ok<ErasuresShape>> ListAsync(SessionToken token, IClusters clusters) =>
        OfKindsAsync(token, clusters, OrderKind.Hold, OrderKind.LetGo);

    /// <summary>Hold records</summary>
    /// <remarks>By an auditor; needs nobody else. What is held is not erased, and outlives its retention part.</remarks>
    internal static Task<Created<ErasureShape>> HoldAsync(SessionToken token, NewErasureShape body, IClusters clusters) =>
        OrderAsync(token, clusters, Of(OrderKind.Hold, body));

    /// <summary>Order that records are held no more</summary>
    /// <remarks>By an auditor. They stay held until a tenant-admin, who is somebody else, has approved.</remarks>
    internal static Task<Created<ErasureShape>> ReleaseAsync(
        SessionToken token, NewErasureShape body, IClusters clusters) =>
        OrderAsync(token, clusters, Of(OrderKind.LetGo, body));

    /// <summary>Orders to end retention parts</summary>
    internal static Task<Ok<ErasuresShape>> ListEndsAsync(SessionToken token, IClusters clusters) =>
        OfKindsAsync(token, clusters, OrderKind.EndPart);

    /// <summary>Order a retention part to be ended</summary>
    /// <remarks>
    /// By an auditor. Once a tenant-admin, who is somebody else, has approved, everything of the part is erased but for what
    /// is held. Its month must be over.
    /// </remarks>
    internal static Task<Created<ErasureShape>> EndAsync(SessionToken token, NewPartEndShape body, IClusters clusters) =>
        OrderAsync(token, clusters, new(OrderKind.EndPart, [], RetentionPart.DefaultClass, body.Epoch));

    /// <summary>Approve an order</summary>
    /// <remarks>By a tenant-admin who didn't open it. Carried out within minutes; it can't be undone.</remarks>
    /// <param name="id">The order's id.</param>
    internal static Task<Ok<ErasureShape>> ApproveAsync(SessionToken token, Guid id, IClusters clusters) =>
        ErasureRoutes.ApproveAsync(token, id, clusters);

    private static NewOrder Of(OrderKind kind, NewErasureShape body) =>
        new(kind, [.. body.Records.Select(ErasureRoutes.ReadId)], 0, 0);

    private static async Task<Ok<ErasuresShape>> OfKindsAsync(
        SessionToken token, IClusters clusters, params OrderKind[] kinds)
    {
        var orders = await clusters.Erasures(token.RequireTenant()).List(token.Text);
        return TypedResults.Ok(new ErasuresShape(
            [.. orders.Where(order => kinds.Contains(order.Kind)).Select(ErasureRoutes.Shape)]));
    }

    private static async Task<Created<ErasureShape>> OrderAsync(SessionToken token, IClusters clusters, NewOrder order)
    {
        var opened = await clusters.Erasures(token.RequireTenant()).Order(token.Text, order);
        await LookHint.TryGiveAsync(token, clusters);
        return TypedResults.Created((string?)null, ErasureRoutes.Shape(opened));
    }
}

/// <summary>A retention part to be ended.</summary>
/// <param name="Epoch">Year × 12 + month − 1 of its expiry.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewPartEndShape(uint Epoch);
