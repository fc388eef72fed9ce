using AMA.Archive.Access;
using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>Tokens of people with any role, each in a session that lives.</summary>
internal static class People
{
    /// <summary>Signed by Control's own key: whoever the person is, the rules see just the token and its session.</summary>
    public static async Task<string> TokenAsync(ControlWorld world, AccessRole role, string? user = null)
    {
        if (role == AccessRole.Operator) return (await world.Directory.OperatorGrant(world.OperatorToken)).Token;
        var live = await Auditors.TokenAsync(world, ControlWorld.Tenant);
        Assert.True(AccessGrant.TryReadUnverified(live, out var grant));
        var person = grant with
        {
            Role = role, User = user ?? role.Text(),
        };
        return world.Service<GrantIssuer>().Sign(person).Token;
    }
}
