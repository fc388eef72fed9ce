using AMA.Grains.Control.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <summary>One line of "ama control status".</summary>
/// <param name="Good">False: an operator should do something.</param>
public sealed record StatusLine(string Name, string Value, bool Good = true);

/// <summary>Adds lines to "ama control status"; every registered one is asked.</summary>
public interface IStatusPart
{
    /// <summary>No secret, no name of a person. May throw: that becomes a line too.</summary>
    Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel);
}

/// <summary>GET /v1/status: {"good", "lines": [{"name", "value", "good"}]}.</summary>
internal sealed class StatusRoutes(AdminGate gate, IEnumerable<IStatusPart> parts) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/status", async context =>
    {
        await gate.AdmitAsync(context, AuditAct.ControlStatus);
        var lines = new List<StatusLine>();
        foreach (var part in parts) lines.AddRange(await ReadAsync(part, context.RequestAborted));
        await context.Response.WriteAsJsonAsync(
            new { Good = lines.All(line => line.Good), Lines = lines }, context.RequestAborted);
    });

    private static async Task<IReadOnlyList<StatusLine>> ReadAsync(IStatusPart part, CancellationToken cancel)
    {
        try
        {
            return await part.ReadAsync(cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            return [new(part.GetType().Name, fault.Message, Good: false)];
        }
    }
}
