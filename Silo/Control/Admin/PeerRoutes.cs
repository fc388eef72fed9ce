using AMA.Adapters.Hosting.Identity;
using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <param name="Minutes">1 to 1440; how long the token is good.</param>
internal sealed record EnrolmentOrder(string? Role, string? Name, int Minutes);

internal sealed record PeerOrder(string? Role, string? Name);

/// <summary>Lets processes of the region in and shuts them out.</summary>
internal sealed class PeerRoutes(
    AdminGate gate, EnrolmentTokens tokens, PeerDesk desk, ControlIdentity own, ControlSiloOptions options) : IAdminRoutes
{
    private const int MinutesMax = 24 * 60;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/peers/enrolment", EnrolAsync);
        routes.MapPost("/v1/peers/revocation", RevokeAsync);
    }

    private async Task EnrolAsync(HttpContext context)
    {
        var order = await context.Request.ReadFromJsonAsync<EnrolmentOrder>(context.RequestAborted);
        var (role, name) = Read(order?.Role, order?.Name);
        if (order!.Minutes is < 1 or > MinutesMax)
            throw new ControlException(ControlRefusal.Invalid, $"A token is good for 1 to {MinutesMax} minutes.");
        await gate.AdmitAsync(context, AuditAct.EnrolmentToken, entry => entry with { Silo = $"{order.Role}/{name}" });
        var token = tokens.Mint(role, name, TimeSpan.FromMinutes(order.Minutes));
        var ticket = EnrolmentTicket.Of(token, desk.OwnAuthority);
        await context.Response.WriteAsJsonAsync(
            new { Token = ticket.Write(), Endpoint = options.EnrolmentEndpoint.ToString(), Region = desk.Region.ToString().ToLowerInvariant() },
            context.RequestAborted);
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var order = await context.Request.ReadFromJsonAsync<PeerOrder>(context.RequestAborted);
        var (_, name) = Read(order?.Role, order?.Name);
        await gate.AdmitAsync(context, AuditAct.PeerRevocation, entry => entry with { Silo = $"{order!.Role}/{name}" });
        await desk.RevokeAsync(order!.Role!, name);
        await own.LookAsync();
        await context.Response.WriteAsJsonAsync(new { order.Role, Name = name }, context.RequestAborted);
    }

    private static (PeerRole Role, string Name) Read(string? role, string? name)
    {
        if (!PeerIdentity.TryParseRole(role, out var known))
            throw new ControlException(ControlRefusal.Invalid, "The role is gateway, backend, web or control.");
        return PeerIdentity.IsName(name)
            ? (known, name!)
            : throw new ControlException(ControlRefusal.Invalid, "A name has 1 to 64 characters of a-z, 0-9 and -.");
    }
}
