using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Tenants;

/// <summary>
/// A tenant's users. The tenant in the path is what an operator means; a session reaches its own tenant only, and to
/// it any other is not there.
/// </summary>
internal static class UserRoutes
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/tenants/{tenant}").WithTags("Users");
        users.MapPut("/second-factor", RuleAsync).WithName("SetSecondFactor").Answers(401, 403, 404, 503);
        users.MapPost("/users", CreateAsync).WithName("CreateUser").Answers(401, 403, 404, 409, 503);
        users.MapGet("/users", ListAsync).WithName("ListUsers").Answers(401, 403, 404, 503);
        users.MapPatch("/users/{user}", ChangeAsync).WithName("ChangeUser").Answers(401, 403, 404, 409, 503);
        users.MapDelete("/users/{user}", RemoveAsync).WithName("RemoveUser").Answers(401, 403, 404, 503);
        users.MapPost("/users/{user}/password", ResetAsync).WithName("ResetPassword").Answers(401, 403, 404, 409, 503);
        users.MapPost("/users/{user}/approval", ApproveAsync).WithName("ApproveRole").Answers(401, 403, 404, 503);
    }

    /// <summary>Create a user of a tenant</summary>
    /// <remarks>
    /// By a tenant-admin; with the operator token until the tenant has one. Without a password one is made; it stands
    /// in this answer and nowhere else, and must be changed at the first sign-in.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<Created<UserShape>> CreateAsync(
        KeeperToken token, string tenant, NewUserShape body, IClusters clusters)
    {
        var made = await Users(clusters, tenant, token).Create(
            token.Text, new NewUser(body.User, body.Role, body.Addresses ?? [], body.Password));
        return TypedResults.Created((string?)null, Shape(made));
    }

    /// <summary>A tenant's users</summary>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<Ok<UsersShape>> ListAsync(KeeperToken token, string tenant, IClusters clusters)
    {
        var users = await Users(clusters, tenant, token).List(token.Text);
        return TypedResults.Ok(new UsersShape([.. users.Select(Shape)]));
    }

    /// <summary>Change a user</summary>
    /// <remarks>
    /// Members left out stay as they are. Disabling and a new role end the user's sessions at once. The role
    /// security-officer-tenant is only proposed until another person approves it.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="user">The user's name.</param>
    internal static async Task<Ok<UserShape>> ChangeAsync(
        KeeperToken token, string tenant, string user, UserChangeShape body, IClusters clusters) =>
        TypedResults.Ok(Shape(await Users(clusters, tenant, token).Change(
            token.Text, user, new() { Disabled = body.Disabled, Role = body.Role, Addresses = body.Addresses })));

    /// <summary>Remove a user</summary>
    /// <remarks>The user's sessions end at once.</remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="user">The user's name.</param>
    internal static async Task<NoContent> RemoveAsync(
        KeeperToken token, string tenant, string user, IClusters clusters)
    {
        await Users(clusters, tenant, token).Remove(token.Text, user);
        return TypedResults.NoContent();
    }

    /// <summary>Reset a user's password</summary>
    /// <remarks>
    /// Answers with a one-time password, this once. The second factor is removed and must be enrolled anew; sessions
    /// end at once.
    /// </remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="user">The user's name.</param>
    internal static async Task<Ok<UserShape>> ResetAsync(
        KeeperToken token, string tenant, string user, IClusters clusters) =>
        TypedResults.Ok(Shape(await Users(clusters, tenant, token).ResetPassword(token.Text, user)));

    /// <summary>Approve a proposed role</summary>
    /// <remarks>By another tenant-admin than the one who proposed it, or by a security officer of the tenant.</remarks>
    /// <param name="tenant">The tenant's name.</param>
    /// <param name="user">The user's name.</param>
    internal static async Task<Ok<UserShape>> ApproveAsync(
        KeeperToken token, string tenant, string user, IClusters clusters) =>
        TypedResults.Ok(Shape(await Users(clusters, tenant, token).Approve(token.Text, user)));

    /// <summary>Who of a tenant needs a second factor</summary>
    /// <param name="tenant">The tenant's name.</param>
    internal static async Task<NoContent> RuleAsync(
        KeeperToken token, string tenant, SecondFactorRuleShape body, IClusters clusters)
    {
        await Users(clusters, tenant, token).SetSecondFactor(token.Text, body.SecondFactor);
        return TypedResults.NoContent();
    }

    private static IUsersGrain Users(IClusters clusters, string tenant, KeeperToken token)
    {
        if (TenantName.TryParse(tenant, out var name) && token.Reaches(name)) return clusters.Users(name);
        throw new ProblemException(Problem.NotFound("There is no such tenant."));
    }

    private static UserShape Shape(UserView user) => new(
        user.User, user.Role, user.Addresses, user.Password, user.Disabled, user.MustChangePassword,
        user.SecondFactor, user.ProposedRole, user.ProposedBy);
}
