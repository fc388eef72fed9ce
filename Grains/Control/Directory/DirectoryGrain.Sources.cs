using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Directory;

/// <summary>Changes of a tenant in the directory. Key: the region. The caller has been let in and recorded.</summary>
[Alias("ama.control.internal.tenant-keeper")]
internal interface ITenantKeeperGrain : IGrainWithStringKey
{
    [Alias("sources")] Task<SourcesView> Sources(string tenantName);
    [Alias("add-source")] Task<SourcesChange> AddSource(string tenantName, NewSource source);
    [Alias("remove-source")] Task<SourcesChange> RemoveSource(string tenantName, Guid source);
    [Alias("expect-source")] Task<SourcesChange> ExpectSource(string tenantName, Guid source, int seconds);
    [Alias("change-tenant")] Task<TenantView> ChangeTenant(string tenantName, TenantChange change);
}

public sealed partial class DirectoryGrain
{
    Task<SourcesView> ITenantKeeperGrain.Sources(string tenantName)
    {
        var tenant = Named(tenantName);
        return Task.FromResult(new SourcesView(
            tenant.Id, [.. tenant.Sources.Select(source => TenantSources.View(source))]));
    }

    async Task<SourcesChange> ITenantKeeperGrain.AddSource(string tenantName, NewSource source)
    {
        var (tenant, added, secret) = TenantSources.Add(Named(tenantName), source, desk.Random);
        await _state.WriteAsync(_state.Value.Replace(tenant));
        return new(TenantSources.View(added, secret), _state.Value.Version);
    }

    async Task<SourcesChange> ITenantKeeperGrain.RemoveSource(string tenantName, Guid source)
    {
        var (tenant, removed) = TenantSources.Remove(Named(tenantName), source);
        await _state.WriteAsync(_state.Value.Replace(tenant));
        return new(TenantSources.View(removed), _state.Value.Version);
    }

    async Task<SourcesChange> ITenantKeeperGrain.ExpectSource(string tenantName, Guid source, int seconds)
    {
        var (tenant, changed) = TenantSources.Expect(Named(tenantName), source, seconds, time.GetUtcNow());
        await _state.WriteAsync(_state.Value.Replace(tenant));
        return new(TenantSources.View(changed), _state.Value.Version);
    }

    async Task<TenantView> ITenantKeeperGrain.ChangeTenant(string tenantName, TenantChange change)
    {
        var tenant = TenantSources.Change(Named(tenantName), change);
        await _state.WriteAsync(_state.Value.Replace(tenant));
        return View(tenant);
    }

    private DirectoryTenant Named(string name) => _state.Value.Find(name)
        ?? throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
}
