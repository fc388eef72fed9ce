using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <param name="Kind">rkek, skek, csk, ca or tenant.</param>
/// <param name="Tenant">The tenant's id, for that kind.</param>
public sealed record KeyRotationBody(string Kind, Guid? Tenant);

/// <summary>POST /v1/rotate: new keys while Control works. Run again, it goes on where it was cut.</summary>
internal sealed class RotationRoutes(AdminGate gate, SurvivalCare care, ControlSiloOptions options) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/rotate", RotateAsync);

    private async Task RotateAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<KeyRotationBody>(context.RequestAborted) ?? throw Invalid();
        await gate.AdmitAsync(context, AuditAct.KeyRotation);
        await (body.Kind switch
        {
            "rkek" => care.RotateRootAsync(options.Region),
            "skek" => care.RotateStoreAsync(options.Region),
            "csk" => care.RotateSigningAsync(options.Region),
            "ca" => care.RotateAuthorityAsync(options.Region),
            "tenant" when body.Tenant is { } tenant => care.RotateTenantAsync(options.Region, tenant),
            _ => throw Invalid(),
        });
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static ControlException Invalid() => new(
        ControlRefusal.Invalid, "What can be rotated: rkek, skek, csk, ca, or tenant with the tenant's id.");
}
