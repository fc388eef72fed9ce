using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Health;

/// <summary>For load balancers. Open to all, so they say yes or no and nothing about what is inside.</summary>
internal static class HealthRoutes
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", Live).WithName("Live").WithTags("Health");
        routes.MapGet("/readyz", Ready).WithName("Ready").WithTags("Health")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Is the process alive</summary>
    internal static Ok<HealthShape> Live() => TypedResults.Ok(new HealthShape("alive"));

    /// <summary>Can it answer</summary>
    /// <remarks>503 until both clusters have been reached once after the start.</remarks>
    internal static Ok<HealthShape> Ready(IClusters clusters) => clusters.ProductionReady && clusters.ControlReady
        ? TypedResults.Ok(new HealthShape("ready"))
        : throw new ProblemException(Problem.Unavailable("Still connecting to the servers behind this gateway."));
}

/// <summary>Health.</summary>
/// <param name="Status">"alive" or "ready".</param>
public sealed record HealthShape(string Status);
