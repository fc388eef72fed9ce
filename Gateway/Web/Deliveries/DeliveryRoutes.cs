using System.Globalization;
using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Messages;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using AMA.Gateway.Web.Status;
using AMA.Grains.Interfaces.Archive;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Deliveries;

/// <summary>What became of what was accepted: docs/completeness.md. The back end checks the session again.</summary>
internal static class DeliveryRoutes
{
    private const string DayForm = "yyyy-MM-dd";
    private const string Lines = "application/x-ndjson";

    /// <summary>The one answer to a receipt that is missing or another tenant's.</summary>
    private static readonly Problem NoSuchReceipt = Problem.NotFound(
        "No such receipt is known here. It may be mistyped, another tenant's or another region's, or of a message that was "
        + "given up without a 250.");

    public static void MapDeliveries(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Completeness");
        group.MapGet("/receipts/{receipt}", GetReceiptAsync).WithName("GetReceipt").Answers(401, 403, 404, 423, 503);
        group.MapGet("/reconciliations", ListAsync).WithName("ListReconciliations").Answers(401, 403, 503);
        group.MapGet("/reconciliations/{day}", GetDay).WithName("GetReconciliation")
            .Produces(StatusCodes.Status200OK, contentType: Lines).Answers(401, 403, 423, 503);
    }

    /// <summary>What became of a receipt</summary>
    /// <remarks>
    /// The receipt stands in the 250 of an acceptance. For the tenant's auditors and tenant-admins; with the operator token
    /// the state alone, of any tenant's.
    /// </remarks>
    /// <param name="receipt">32 characters, such as 2htrx4gleq44uh36eys5zt3odiaaaaad.</param>
    internal static async Task<Ok<ReceiptShape>> GetReceiptAsync(
        string receipt, HttpRequest request, IClusters clusters, OperatorGrants grants)
    {
        var token = Bearer.Read(request);
        var view = SessionToken.TryRead(token, out var session) && session.Tenant is { } tenant
            ? await clusters.Deliveries(tenant).Receipt(session.Text, receipt)
            : await clusters.RegionReceipts()
                .Receipt(session.IsRead ? session.Text : await grants.ForAsync(token), receipt);
        return view is null ? throw new ProblemException(NoSuchReceipt) : TypedResults.Ok(Shape(receipt, view));
    }

    /// <summary>Days of acceptance with their totals</summary>
    /// <remarks>For the tenant's auditors and tenant-admins. Days are those of UTC.</remarks>
    internal static async Task<Ok<ReconciliationsShape>> ListAsync(SessionToken session, IClusters clusters)
    {
        var days = await clusters.Deliveries(session.RequireTenant()).Days(session.Text);
        return TypedResults.Ok(new ReconciliationsShape([.. days.Select(Shape)]));
    }

    /// <summary>One day's file</summary>
    /// <remarks>
    /// For auditors: every delivery that was accepted on that day, one JSON object a line; docs/formats/reconciliation.md.
    /// An answer without the line "end" is not whole.
    /// </remarks>
    /// <param name="day">2026-11-24, in UTC; today's is provisional.</param>
    internal static PieceAnswer GetDay(string day, SessionToken session, IClusters clusters)
    {
        if (!DateOnly.TryParseExact(day, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            throw new ProblemException(Problem.BadRequest("A day is written 2026-11-24."));
        var name = $"attachment; filename=\"reconciliation-{Text(date)}.ndjson\"";
        return new(Lines, name, clusters.Deliveries(session.RequireTenant()).Day(session.Text, date));
    }

    private static string Text(DateOnly day) => day.ToString(DayForm, CultureInfo.InvariantCulture);

    private static ReceiptShape Shape(string receipt, ReceiptView view) => new(
        receipt, view.State.ToString().ToLowerInvariant(), view.WaitsFor,
        view.Record is { } record ? new RecordId(record).ToString() : null, view.IsDuplicate,
        view.Source is { } source && source != Guid.Empty ? source.ToString("N") : null,
        view.AcceptedAt?.UtcDateTime, view.ArchivedAt?.UtcDateTime, Reason(view));

    private static string? Reason(ReceiptView view) => view.State is not ReceiptState.Quarantined ? null :
        $"No copy of the queue segment that held it can be opened ({view.Reason}). Its bytes are kept for the operator, who "
        + "should look at them. If your mail server still has the message, send it again.";

    private static ReconciliationShape Shape(DayTotals day) => new(
        Text(day.Day), day.IsFinal ? "final" : "provisional", day.Accepted, day.Archived, day.Duplicates, day.Quarantined,
        day.Waiting);
}
