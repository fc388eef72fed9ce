using System.Text.Json.Serialization;
using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Jobs;

/// <summary>Orders to erase single records before their time. Control checks role and session of every call.</summary>
internal static class ErasureRoutes
{
    public static void MapErasures(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/erasures").WithTags("Keys");
        group.MapGet("", ListAsync).WithName("ListErasures").Answers(401, 403, 503);
        group.MapPost("", OpenAsync).WithName("OpenErasure").Answers(401, 403, 503);
        group.MapPost("/{id:guid}/approval", ApproveAsync).WithName("ApproveErasure").Answers(401, 403, 404, 503);
    }

    /// <summary>The tenant's orders to erase</summary>
    internal static async Task<Ok<ErasuresShape>> ListAsync(SessionToken token, IClusters clusters)
    {
        var orders = await clusters.Erasures(token.RequireTenant()).List(token.Text);
        return TypedResults.Ok(new ErasuresShape([.. orders.Where(order => order.Kind == OrderKind.Erase).Select(Shape)]));
    }

    /// <summary>Order records to be erased</summary>
    /// <remarks>By an auditor. Nothing is erased before a tenant-admin, who is somebody else, has approved.</remarks>
    internal static async Task<Created<ErasureShape>> OpenAsync(
        SessionToken token, NewErasureShape body, IClusters clusters)
    {
        var order = await clusters.Erasures(token.RequireTenant()).Open(token.Text, [.. body.Records.Select(ReadId)]);
        return TypedResults.Created((string?)null, Shape(order));
    }

    /// <summary>Approve an order to erase</summary>
    /// <remarks>By a tenant-admin who didn't open it. Carried out within minutes; it can't be undone.</remarks>
    /// <param name="id">The order's id.</param>
    internal static async Task<Ok<ErasureShape>> ApproveAsync(SessionToken token, Guid id, IClusters clusters)
    {
        var order = await clusters.Erasures(token.RequireTenant()).Approve(token.Text, id);
        await LookHint.TryGiveAsync(token, clusters);
        return TypedResults.Ok(Shape(order));
    }

    internal static Guid ReadId(string text) => RecordId.TryParse(text, out var id)
        ? id.Value
        : throw new ProblemException(Problem.BadRequest("A record's id is the one that a search shows."));

    internal static ErasureShape Shape(ErasureOrderView order) => new(
        order.Id.ToString("N"), [.. order.Records.Select(record => new RecordId(record).ToString())], order.OpenedBy, order.OpenedAt,
        order.ApprovedBy, order.UnreadableAt, order.FinalAt, order.Refusal, KindOf(order), order.Epoch);

    private static string KindOf(ErasureOrderView order) => order.Kind switch
    {
        OrderKind.Hold => "hold",
        OrderKind.LetGo => "release",
        OrderKind.EndPart => "part-end",
        _ => "erasure",
    };
}

/// <summary>Records to be erased.</summary>
/// <param name="Records">Ids, 1 to 1,000.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewErasureShape(string[] Records);

/// <summary>An order to erase, to end a part, to hold or to release.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Records">The records.</param>
/// <param name="OpenedBy">The auditor who opened it.</param>
/// <param name="OpenedAt">When.</param>
/// <param name="ApprovedBy">The tenant-admin who approved it.</param>
/// <param name="UnreadableAt">Unreadable in service: keys erased, and found by no search. Of holds: carried out. Null: not yet.</param>
/// <param name="FinalAt">Final everywhere: no key is left that opens any copy. Null: the day is not known yet.</param>
/// <param name="Refusal">Why it was not carried out; null: it was, or will be.</param>
/// <param name="Kind">"erasure", "hold", "release" or "part-end".</param>
/// <param name="Epoch">The part that ends; otherwise 0.</param>
public sealed record ErasureShape(
    string Id, string[] Records, string OpenedBy, DateTimeOffset OpenedAt, string? ApprovedBy,
    DateTimeOffset? UnreadableAt, DateTimeOffset? FinalAt, string? Refusal, string Kind, uint Epoch);

/// <summary>Orders to erase, newest first.</summary>
/// <param name="Items">The orders.</param>
public sealed record ErasuresShape(ErasureShape[] Items);
