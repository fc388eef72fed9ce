using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Cluster.Control;

internal static class SigningIn
{
    /// <summary>With a password and nothing else.</summary>
    public static Task<SignedInView> SignIn(this ISignInGrain grain, string user, string password) =>
        grain.SignIn(new Credentials(user, password));
}
