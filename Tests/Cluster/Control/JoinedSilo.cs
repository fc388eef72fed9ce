using Xunit;

namespace AMA.Tests.Cluster.Control;

/// <summary>A Control with one tenant and one silo that has joined: what tests of leases begin with.</summary>
public abstract class JoinedSilo : IAsyncLifetime
{
    private protected ControlWorld World { get; private set; } = null!;
    private protected TestSilo Silo { get; private set; } = null!;
    protected Guid Tenant { get; private set; }

    public async ValueTask InitializeAsync()
    {
        World = await ControlWorld.StartNewAsync();
        Tenant = (await World.CreateTenantAsync()).Id;
        Silo = await TestSilo.JoinAsync(World);
    }

    public async ValueTask DisposeAsync()
    {
        Silo.Dispose();
        await World.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
