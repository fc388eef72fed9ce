using AMA.Tests.Cluster.EndToEnd.World;
using AMA.Tests.Cluster.Identity;

namespace AMA.Tests.Cluster.Faults;

/// <summary>An archive of several processes and a tenant of it, for tests of its gateway.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    /// <summary>The subject of a message that is archived when a test begins.</summary>
    public const string First = "first";

    public SeparateArchive Archive { get; private set; } = null!;

    public Tenant Tenant { get; private set; } = null!;

    public TempFolder Traces { get; } = new("traces");

    public async ValueTask InitializeAsync()
    {
        Archive = await SeparateArchive.StartNewAsync();
        Tenant = await Archive.CreateTenantAsync("nordwind");
        // The gateway knows the tenant once it has taken a message for it.
        await Tenant.SendAsync(Eml.Of(First, First));
        await Tenant.FindAsync(First);
    }

    public async ValueTask DisposeAsync()
    {
        await Archive.DisposeAsync();
        Traces.Dispose();
    }
}
