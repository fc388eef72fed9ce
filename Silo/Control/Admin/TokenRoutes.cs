using AMA.Adapters.Local;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// POST /v1/token/rotate: another operator token, into the operator's file, mode 0600. The old one is dead at once, and
/// so is each grant made with it; the new one travels nowhere. Cut anywhere, the file holds the token that counts after the next start at the latest.
/// </summary>
internal sealed class TokenRoutes(
    AdminGate gate, SurvivalCare care, ControlSiloOptions options, ControlSiloParts parts) : IAdminRoutes
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/token/rotate", RotateAsync);

    private async Task RotateAsync(HttpContext context)
    {
        await _turn.WaitAsync(context.RequestAborted);
        try
        {
            await gate.AdmitAsync(context, AuditAct.OperatorTokenRotation);
            var file = new OperatorTokenFile(new PrivateFiles(parts.Files), parts.Random);
            var hash = file.Prepare(options.OperatorTokenFile);
            await care.EndOperatorGrantsAsync(options.Region); // before, too: cut after the write, none outlives it
            await care.RotateOperatorTokenAsync(options.Region, hash);
            file.Settle(options.OperatorTokenFile, hash);
            await care.EndOperatorGrantsAsync(options.Region);
            await context.Response.WriteAsJsonAsync(new { File = options.OperatorTokenFile }, context.RequestAborted);
        }
        finally
        {
            _turn.Release();
        }
    }
}
