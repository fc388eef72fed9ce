using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// Sessions of a tenant's people: from signing in to signing out. Key: "{region}/{tenant name, lower case}". Throws
/// <see cref="ControlException"/>: NotAuthorised alike for all causes that a stranger could ask about.
/// </summary>
/// <remarks>Interleaves: it keeps no state, and one slow hash must not hold up a whole tenant.</remarks>
[Alias("ama.control.sign-in")]
public interface ISignInGrain : IGrainWithStringKey
{
    /// <summary>
    /// Opens a session. Where the password was right and something else is missing: SecondFactorRequired,
    /// EnrolmentRequired or PasswordChangeRequired.
    /// </summary>
    [Alias("sign-in"), AlwaysInterleave] Task<SignedInView> SignIn(Credentials credentials);

    /// <summary>
    /// The same session, a new access token and a new renewal secret. Role and addresses are read anew. A secret that
    /// was used up more than a minute ago ends the session: somebody else holds it.
    /// </summary>
    [Alias("renew"), AlwaysInterleave] Task<SignedInView> Renew(string renewal);

    /// <summary>Ends the session of this token, at once.</summary>
    [Alias("sign-out"), AlwaysInterleave] Task SignOut(string accessToken);

    /// <summary>The live sessions of the token's person.</summary>
    [Alias("sessions"), AlwaysInterleave] Task<SessionView[]> Sessions(string accessToken);

    /// <summary>Ends another session of the same person; NotFound when there is none such.</summary>
    [Alias("end-session"), AlwaysInterleave] Task EndSession(string accessToken, Guid session);
}

/// <summary>What a person shows to prove who they are.</summary>
/// <param name="Code">Six digits of the second factor, or a recovery code; null when there is none.</param>
/// <param name="From">Where they ask from, as the gateway sees it: an address, or the network it counts for.</param>
[GenerateSerializer, Immutable, Alias("ama.control.credentials")]
public sealed record Credentials(
    [property: Id(0)] string User, [property: Id(1)] string Password, [property: Id(2)] string? Code = null,
    [property: Id(3)] string? From = null)
{
    /// <summary>The one answer to everything that is wrong: nobody learns who has an account.</summary>
    public const string Refused =
        "Tenant, user, password or code is wrong, or there were too many tries: wait a little.";

    public override string ToString() => "[credentials]";
}

/// <param name="Token">The access token: good until <paramref name="ExpiresAt"/>, or until its session ends.</param>
/// <param name="Renewal">For <see cref="ISignInGrain.Renew"/>; null where nothing renews (operators).</param>
/// <param name="SessionEndsAt">Nothing renews beyond.</param>
[GenerateSerializer, Immutable, Alias("ama.control.signed-in")]
public sealed record SignedInView(
    [property: Id(0)] string Token, [property: Id(1)] DateTimeOffset ExpiresAt,
    [property: Id(2)] string? Renewal = null, [property: Id(3)] DateTimeOffset? SessionEndsAt = null)
{
    public override string ToString() => "[session token]";
}

/// <param name="Own">The session that asked.</param>
[GenerateSerializer, Immutable, Alias("ama.control.session")]
public sealed record SessionView(
    [property: Id(0)] Guid Id, [property: Id(1)] DateTimeOffset OpenedAt, [property: Id(2)] DateTimeOffset EndsAt,
    [property: Id(3)] string? From, [property: Id(4)] bool Own);
