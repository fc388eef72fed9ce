using System.Text.Json.Serialization;

namespace AMA.Gateway.Web.Session;

/// <summary>Who somebody is, and how they prove it.</summary>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="User">The user's name at that tenant.</param>
/// <param name="Password">The user's password.</param>
/// <param name="Code">Six digits of the second factor, or a recovery code; without a second factor left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInShape(string Tenant, string User, string Password, string? Code = null)
{
    public override string ToString() => "[credentials]";
}

/// <summary>A change of one's own password.</summary>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="User">The user's name at that tenant.</param>
/// <param name="Password">The password until now.</param>
/// <param name="NewPassword">The password from now on: 12 to 1,024 characters.</param>
/// <param name="Code">Six digits of the second factor, or a recovery code; without a second factor left out.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PasswordShape(
    string Tenant, string User, string Password, string NewPassword, string? Code = null)
{
    public override string ToString() => "[credentials]";
}

/// <summary>A session: who holds its token is that person until it expires.</summary>
/// <param name="Token">Sent with every request as <c>Authorization: Bearer TOKEN</c>.</param>
/// <param name="ExpiresAt">When the token must be renewed (UTC).</param>
/// <param name="Renewal">What renews it: <c>POST /v1/session/renew</c>. As secret as a password.</param>
/// <param name="SessionEndsAt">When to sign in again (UTC).</param>
public sealed record SessionShape(string Token, DateTime ExpiresAt, string? Renewal, DateTime? SessionEndsAt)
{
    public override string ToString() => "[session]";
}

/// <summary>What renews a session's token.</summary>
/// <param name="Renewal">As the sign-in answered it.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RenewalShape(string Renewal)
{
    public override string ToString() => "[renewal]";
}

/// <summary>A second factor that waits to be confirmed.</summary>
/// <param name="Secret">Base32, to be typed into an authenticator app.</param>
/// <param name="Address">otpauth://totp/…, to be shown as a QR code.</param>
public sealed record SecondFactorShape(string Secret, string Address)
{
    public override string ToString() => "[second factor]";
}

/// <summary>Recovery codes, shown this once: each signs in once when the second factor is lost.</summary>
/// <param name="RecoveryCodes">Ten codes.</param>
public sealed record RecoveryCodesShape(string[] RecoveryCodes)
{
    public override string ToString() => "[recovery codes]";
}

/// <summary>A second factor is enrolled, and its person signed in.</summary>
/// <param name="RecoveryCodes">Ten codes, shown this once: each signs in once when the second factor is lost.</param>
/// <param name="Session">A session.</param>
public sealed record ConfirmedShape(string[] RecoveryCodes, SessionShape Session)
{
    public override string ToString() => "[recovery codes]";
}

/// <summary>The sessions of one person.</summary>
/// <param name="Items">Live ones.</param>
public sealed record SessionsShape(OpenSessionShape[] Items);

/// <summary>A live session, as its person may see it.</summary>
/// <param name="Id">Its id, for ending it.</param>
/// <param name="OpenedAt">When it was opened (UTC).</param>
/// <param name="EndsAt">When it ends at the latest (UTC).</param>
/// <param name="From">The address, or its network, it was opened from.</param>
/// <param name="Own">Whether it is the one that asks.</param>
public sealed record OpenSessionShape(string Id, DateTime OpenedAt, DateTime EndsAt, string? From, bool Own);
