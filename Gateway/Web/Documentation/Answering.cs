using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AMA.Gateway.Web.Documentation;

internal static class Answering
{
    /// <summary>Documents the problems a route may answer besides 400 (unreadable) and 500 (ours).</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, params ReadOnlySpan<int> problems)
    {
        route.ProducesProblem(StatusCodes.Status400BadRequest);
        foreach (var status in problems) route.ProducesProblem(status);
        return route.ProducesProblem(StatusCodes.Status500InternalServerError);
    }
}
