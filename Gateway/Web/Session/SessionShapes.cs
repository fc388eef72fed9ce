using System.Text.Json.Serialization;

namespace AMA.Gateway.Web.Session;

/// <summary>A person's sign-in.</summary>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="User">The user's name at that tenant.</param>
/// <param name="Password">The user's password.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInShape(string Tenant, string User, string Password);

/// <summary>A session: who holds its token is that person until it expires.</summary>
/// <param name="Token">Sent with every request as <c>Authorization: Bearer TOKEN</c>.</param>
/// <param name="ExpiresAt">When to sign in again (UTC).</param>
public sealed record SessionShape(string Token, DateTime ExpiresAt);
