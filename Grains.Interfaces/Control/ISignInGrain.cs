using Orleans;
using Orleans.Concurrency;

namespace AMA.Grains.Interfaces.Control;

/// <summary>Local users' sign-in. Key: "{region}/{tenant name, lower case}".</summary>
[Alias("ama.control.sign-in")]
public interface ISignInGrain : IGrainWithStringKey
{
    /// <summary>
    /// A signed access grant. Throws <see cref="ControlException"/> (NotAuthorised), alike for all causes.
    /// </summary>
    /// <remarks>Interleaves: it only reads accounts, and one slow hash must not hold up a whole tenant.</remarks>
    [Alias("sign-in"), AlwaysInterleave] Task<SignedInView> SignIn(string user, string password);
}

/// <param name="Role">"user" or "auditor".</param>
/// <param name="Password">Null: Control makes one and answers with it, once.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-user")]
public sealed record NewUser(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password);

[GenerateSerializer, Immutable, Alias("ama.control.user")]
public sealed record UserView(
    [property: Id(0)] string User, [property: Id(1)] string Role, [property: Id(2)] string[] Addresses,
    [property: Id(3)] string? Password);

[GenerateSerializer, Immutable, Alias("ama.control.signed-in")]
public sealed record SignedInView([property: Id(0)] string Token, [property: Id(1)] DateTimeOffset ExpiresAt);
