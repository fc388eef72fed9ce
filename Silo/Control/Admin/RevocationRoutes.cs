using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Interfaces.Control;
using AMA.Archive.Ids;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;

namespace AMA.Silo.Control.Admin;

/// <param name="Kind">tenant, silo, region, session or lease.</param>
/// <param name="Subject">Id of the tenant, session or lease (32 digits).</param>
/// <param name="Held">Nothing new either, until it is lifted; of a silo this is quarantine.</param>
public sealed record RevocationBody(string Kind, string? Subject, string? Silo, bool Held);

/// <summary>
/// GET and POST /v1/revocations, POST /v1/revocations/lift: what an operator takes back of what was leased.
/// </summary>
internal sealed class RevocationRoutes(AdminGate gate, KeyRing ring, IGrainFactory grains) : IAdminRoutes
{
    private const string By = "operator";

    private IRevokingGrain Revocations => grains.GetGrain<IRevokingGrain>(ring.Region.Text());

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/revocations", ListAsync);
        routes.MapPost("/v1/revocations", RevokeAsync);
        routes.MapPost("/v1/revocations/lift", LiftAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        await gate.AdmitAsync(context, AuditAct.ControlStatus);
        await AnswerAsync(context, await Revocations.List());
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var revocation = await ReadAsync(context);
        await gate.AdmitAsync(context, AuditAct.Revocation, entry => entry with { Silo = revocation.Silo });
        await Revocations.Revoke(revocation, By);
        await AnswerAsync(context, await Revocations.List());
    }

    private async Task LiftAsync(HttpContext context)
    {
        var revocation = await ReadAsync(context);
        await gate.AdmitAsync(context, AuditAct.RevocationLift, entry => entry with { Silo = revocation.Silo });
        if (!await Revocations.Lift(revocation, By))
            throw new ControlException(ControlRefusal.NotFound, "Nothing of that kind is held.");
        await AnswerAsync(context, await Revocations.List());
    }

    private static async Task<RevocationView> ReadAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<RevocationBody>(context.RequestAborted)
            ?? throw Invalid("No revocation was given.");
        return Of(body).View();
    }

    private static Revocation Of(RevocationBody body) => body.Kind switch
    {
        "tenant" => Revocation.OfTenant(Id(body), body.Held),
        "silo" when body.Silo is { Length: > 0 } silo => Revocation.OfSilo(silo, body.Held),
        "region" => Revocation.OfRegion(body.Held),
        "session" => Revocation.OfSession(Id(body)),
        "lease" => Revocation.OfLease(Id(body)),
        _ => throw Invalid("A revocation is of a tenant, silo, region, session or lease."),
    };

    private static Guid Id(RevocationBody body) => Guid.TryParse(body.Subject, out var id)
        ? id
        : throw Invalid($"Which {body.Kind}? Its id has 32 digits.");

    private static Task AnswerAsync(HttpContext context, RevocationView[] revocations) =>
        context.Response.WriteAsJsonAsync(new { Revocations = revocations }, context.RequestAborted);

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
