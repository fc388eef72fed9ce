using AMA.Archive.Access;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Hardening;
using AMA.Gateway.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Session;

internal static class SessionRoutes
{
    /// <summary>The same words whether tenant, user or password was wrong: nobody learns who has an account.</summary>
    private const string Refused = "Tenant, user or password is wrong.";

    public static void MapSession(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/session", SignInAsync).WithName("SignIn").WithTags("Session")
            .RequireRateLimiting(SignInLimit.Policy).Answers(401, 429, 503);

    /// <summary>Sign in</summary>
    /// <remarks>Answers with a token for the other routes. What was wrong with a refused sign-in is not said.</remarks>
    internal static async Task<Ok<SessionShape>> SignInAsync(SignInShape body, IClusters clusters)
    {
        if (!TenantName.TryParse(body.Tenant, out var tenant)
            || body.User is not { Length: > 0 and <= DirectoryRules.UserNameCharsMax }
            || body.Password is not { Length: > 0 and <= DirectoryRules.PasswordCharsMax })
            throw new ProblemException(Problem.NotSignedIn(Refused));
        var signedIn = await clusters.SignIn(tenant).SignIn(body.User, body.Password);
        return TypedResults.Ok(new SessionShape(signedIn.Token, signedIn.ExpiresAt.UtcDateTime));
    }
}
