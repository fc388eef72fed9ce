using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <param name="Kind">rkek, skek, csk, ca or tenant.</param>
/// <param name="Tenant">The tenant's id, for that kind.</param>
public sealed record KeyRotationBody(string Kind, Guid? Tenant);

/// <param name="Done">Tenants that had their turn.</param>
/// <param name="Failed">Of those, the ones whose keys could not be wrapped anew; tried again every hour.</param>
public sealed record RotationEnd(int Done, int Failed);

/// <summary>POST /v1/rotate: new keys while Control works. Run again, it goes on where it was cut.</summary>
internal sealed class RotationRoutes(AdminGate gate, SurvivalCare care, ControlSiloOptions options) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/rotate", RotateAsync);

    private async Task RotateAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<KeyRotationBody>(context.RequestAborted) ?? throw Invalid();
        await gate.AdmitAsync(context, AuditAct.KeyRotation);
        await AdminStream.RunAsync(context, body.Kind switch
        {
            "rkek" => Run(RotationKind.Root),
            "skek" => Run(RotationKind.Store),
            "csk" => Run(() => care.RotateSigningAsync(options.Region)),
            "ca" => Run(() => care.RotateAuthorityAsync(options.Region)),
            "tenant" when body.Tenant is { } tenant => Run(() => care.RotateTenantAsync(options.Region, tenant)),
            _ => throw Invalid(),
        });
    }

    private static Func<Func<AdminProgress, Task>, CancellationToken, Task<RotationEnd>> Run(Func<Task> rotate) =>
        async (_, _) =>
        {
            await rotate();
            return new(1, 0);
        };

    private Func<Func<AdminProgress, Task>, CancellationToken, Task<RotationEnd>> Run(RotationKind kind) =>
        async (step, cancel) =>
        {
            var end = await care.RotateAsync(
                options.Region, kind, at => step(new(at.Done, at.Total, "tenants' keys wrapped anew")), cancel);
            return new(end.Done, end.Failed);
        };

    private static ControlException Invalid() => new(
        ControlRefusal.Invalid, "What can be rotated: rkek, skek, csk, ca, or tenant with the tenant's id.");
}
