using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Hardening;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Session;

/// <summary>
/// What persons do to their own account. The body proves who they are, each time: a session somebody found open can't
/// take the account over.
/// </summary>
internal static class OwnAccountRoutes
{
    public static void MapOwnAccount(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/session").WithTags("Own account").RequireRateLimiting(SignInLimit.Policy);
        own.MapPost("/totp", EnrolAsync).WithName("EnrolTotp").Answers(401, 403, 409, 429, 503);
        own.MapPost("/totp/confirm", ConfirmAsync).WithName("ConfirmTotp").Answers(401, 403, 409, 429, 503);
        own.MapPost("/totp/remove", RemoveAsync).WithName("RemoveTotp").Answers(401, 429, 503);
        own.MapPost("/recovery-codes", RecoveryCodesAsync).WithName("NewRecoveryCodes").Answers(401, 409, 429, 503);
        own.MapPost("/password", PasswordAsync).WithName("ChangePassword").Answers(401, 429, 503);
    }

    /// <summary>Enrol a second factor</summary>
    /// <remarks>Time-based codes (RFC 6238: SHA-1, 30 s, 6 digits). Asked for once a first code confirmed it.</remarks>
    internal static async Task<Ok<SecondFactorShape>> EnrolAsync(
        SignInShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(body);
        var made = await clusters.OwnAccount(tenant).Enrol(credentials);
        return TypedResults.Ok(new SecondFactorShape(made.Secret, made.Address));
    }

    /// <summary>Confirm the second factor with its first code</summary>
    /// <remarks>Signs in, so that the next code need not be waited for.</remarks>
    internal static async Task<Ok<ConfirmedShape>> ConfirmAsync(
        SignInShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(body);
        var confirmed = await clusters.OwnAccount(tenant).Confirm(credentials);
        return TypedResults.Ok(new ConfirmedShape(confirmed.RecoveryCodes, SessionRoutes.Shape(confirmed.Session)));
    }

    /// <summary>Remove the second factor</summary>
    /// <remarks>With a code or a recovery code. Ends all of the person's sessions.</remarks>
    internal static async Task<NoContent> RemoveAsync(SignInShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(body);
        await clusters.OwnAccount(tenant).Remove(credentials);
        return TypedResults.NoContent();
    }

    /// <summary>Ten new recovery codes</summary>
    /// <remarks>Shown this once; the ones before are worth nothing any more.</remarks>
    internal static async Task<Ok<RecoveryCodesShape>> RecoveryCodesAsync(
        SignInShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(body);
        return TypedResults.Ok(new RecoveryCodesShape(await clusters.OwnAccount(tenant).NewRecoveryCodes(credentials)));
    }

    /// <summary>Change the password</summary>
    /// <remarks>Also a one-time password into one's own. Ends all of the person's sessions.</remarks>
    internal static async Task<NoContent> PasswordAsync(
        PasswordShape body, ShownCredentials shown, IClusters clusters)
    {
        var (tenant, credentials) = await shown.OfAsync(new(body.Tenant, body.User, body.Password, body.Code));
        await clusters.OwnAccount(tenant).ChangePassword(credentials, body.NewPassword);
        return TypedResults.NoContent();
    }
}
