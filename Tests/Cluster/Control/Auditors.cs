using AMA.Grains.Interfaces.Control;

namespace AMA.Tests.Cluster.Control;

internal static class Auditors
{
    public const string Name = "the.auditor";

    private const string Password = "correct horse battery";

    /// <summary>The access token of the tenant's auditor, who is created when missing.</summary>
    public static async Task<string> TokenAsync(ControlWorld world, string tenant)
    {
        try
        {
            await world.Directory.CreateUser(world.OperatorToken, tenant, new NewUser(Name, "auditor", [], Password));
        }
        catch (ControlException known) when (known.Refusal is ControlRefusal.Conflict or ControlRefusal.NotAllowed)
        {
            // there already
        }
        return (await world.Grain<ISignInGrain>($"eu/{tenant}").SignIn(Name, Password)).Token;
    }
}
