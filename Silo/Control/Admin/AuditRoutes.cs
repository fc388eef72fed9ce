using System.Text.Json;
using AMA.Grains.Control.Audit;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// GET /v1/audit?tenant=&amp;since=&amp;act=&amp;cursor= and GET /v1/audit/verify: who got which key when, for operators.
/// </summary>
internal sealed class AuditRoutes(AdminGate gate, AuditReading reading, AuditVerification verification) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/audit", ReadAsync);
        routes.MapGet("/v1/audit/verify", VerifyAsync);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var tenant = Text("tenant") is { } id
            ? Guid.TryParse(id, out var parsed) ? parsed : throw Wrong("tenant is a tenant's id, 32 hex digits.")
            : (Guid?)null;
        var since = Text("since") is { } from
            ? AuditTimes.TryParse(from, out var time) ? time : throw Wrong("since is a time, such as 2026-03-04T05:06Z.")
            : (DateTimeOffset?)null;
        var question = new AuditQuestion(since, Text("act"), Text("cursor"));
        if (question.Cursor is null)
            await gate.AdmitAsync(context, AuditAct.AuditReading, entry => entry with { Tenant = tenant });
        else await gate.AdmitAsync(context, AuditAct.AuditReading);
        var page = await reading.ReadAsync(question, tenant);
        await context.Response.WriteAsJsonAsync(
            new
            {
                Items = page.Items.Select(item => new
                {
                    item.Index, Entry = JsonElement.Parse(item.Entry), Salt = Convert.ToHexStringLower(item.Salt),
                }),
                page.Next, page.Checkpoint,
            }, context.RequestAborted);

        string? Text(string name) => query[name] is [{ Length: > 0 } value] ? value : null;
    }

    private async Task VerifyAsync(HttpContext context)
    {
        await gate.AdmitAsync(context, AuditAct.AuditReading);
        await context.Response.WriteAsJsonAsync(
            await verification.RunAsync(context.RequestAborted), context.RequestAborted);
    }

    private static ControlException Wrong(string what) => new(ControlRefusal.Invalid, what);
}
