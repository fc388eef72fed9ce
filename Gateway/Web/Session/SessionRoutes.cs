using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Hardening;
using AMA.Gateway.Web.Problems;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Session;

internal static class SessionRoutes
{
    public static void MapSession(this IEndpointRouteBuilder routes)
    {
        var session = routes.MapGroup("/session").WithTags("Session");
        session.MapPost("", SignInAsync).WithName("SignIn")
            .RequireRateLimiting(SignInLimit.Policy).Answers(401, 403, 429, 503);
        session.MapPost("/renew", RenewAsync).WithName("RenewSession")
            .RequireRateLimiting(SignInLimit.Policy).Answers(401, 429, 503);
        session.MapDelete("", SignOutAsync).WithName("SignOut").Answers(401, 503);
        var sessions = routes.MapGroup("/sessions").WithTags("Session");
        sessions.MapGet("", ListAsync).WithName("ListSessions").Answers(401, 403, 503);
        sessions.MapDelete("/{id}", EndAsync).WithName("EndSession").Answers(401, 403, 404, 503);
    }

    /// <summary>Sign in</summary>
    /// <remarks>
    /// Answers with a token for the other routes. What was wrong with a refused sign-in is not said; after a right
    /// password the problem says what else is needed.
    /// </remarks>
    internal static async Task<Ok<SessionShape>> SignInAsync(SignInShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(body);
        return TypedResults.Ok(Shape(await clusters.SignIn(tenant).SignIn(credentials)));
    }

    /// <summary>Renew the session's token</summary>
    /// <remarks>For as long as the session lives. The person's role and addresses are read anew.</remarks>
    internal static async Task<Ok<SessionShape>> RenewAsync(RenewalShape body, IClusters clusters)
    {
        var dot = body.Renewal.IndexOf('.');
        if (dot < 0 || !TenantName.TryParse(body.Renewal[..dot], out var tenant))
            throw new ProblemException(Problem.NotSignedIn("The session is over or was never valid: sign in."));
        return TypedResults.Ok(Shape(await clusters.SignIn(tenant).Renew(body.Renewal)));
    }

    /// <summary>Sign out</summary>
    /// <remarks>The session ends at once, with every copy of its token.</remarks>
    internal static async Task<NoContent> SignOutAsync(SessionToken session, IClusters clusters)
    {
        await clusters.SignIn(session.RequireTenantName()).SignOut(session.Text);
        return TypedResults.NoContent();
    }

    /// <summary>One's own live sessions</summary>
    internal static async Task<Ok<SessionsShape>> ListAsync(SessionToken session, IClusters clusters)
    {
        var open = await clusters.SignIn(session.RequireTenantName()).Sessions(session.Text);
        return TypedResults.Ok(new SessionsShape([.. open.Select(Shape)]));
    }

    /// <summary>End one of one's own sessions</summary>
    /// <param name="id">The session's id.</param>
    internal static async Task<NoContent> EndAsync(SessionToken session, string id, IClusters clusters)
    {
        if (!Guid.TryParseExact(id, "N", out var ended))
            throw new ProblemException(Problem.NotFound("There is no such session."));
        await clusters.SignIn(session.RequireTenantName()).EndSession(session.Text, ended);
        return TypedResults.NoContent();
    }

    internal static SessionShape Shape(SignedInView signedIn) => new(
        signedIn.Token, signedIn.ExpiresAt.UtcDateTime, signedIn.Renewal, signedIn.SessionEndsAt?.UtcDateTime);

    private static OpenSessionShape Shape(SessionView session) => new(
        session.Id.ToString("N"), session.OpenedAt.UtcDateTime, session.EndsAt.UtcDateTime, session.From, session.Own);
}
