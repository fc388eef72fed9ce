using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Jobs;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;

namespace AMA.Grains.Control.Leases;

public sealed partial class LeaseGrain : ILeasePolicyGrain
{
    private PersonGate People => ServiceProvider.GetRequiredService<PersonGate>();

    public async Task<LeasePolicyView> Policy(string accessToken)
    {
        await People.AdmitAsync(
            accessToken, Tenant, AuditAct.LeasePolicy, AccessRole.TenantAdmin, AccessRole.Auditor, AccessRole.Operator);
        return View;
    }

    public async Task<LeasePolicyView> SetPolicy(string accessToken, int? ttlSeconds)
    {
        var person = await People.AdmitAsync(
            accessToken, Tenant, AuditAct.LeasePolicy, AccessRole.TenantAdmin, AccessRole.Operator);
        if (ttlSeconds is < LeaseLimits.PolicyTtlSecondsMin or > LeaseLimits.TtlSecondsMax)
            throw new ControlException(
                ControlRefusal.Invalid,
                $"A lease lasts {LeaseLimits.PolicyTtlSecondsMin} to {LeaseLimits.TtlSecondsMax} seconds.");
        await People.RecordAsync(AuditAct.LeasePolicy, person, Tenant, $"ttl {ttlSeconds?.ToString() ?? "default"}");
        await _state.WriteAsync(_state.Value with { TtlSeconds = ttlSeconds });
        return View;
    }

    private LeasePolicyView View => new(_state.Value.TtlSeconds, desk.RegionTtlSeconds);

    private Guid Tenant => _tenant is { } tenant && _state.Exists
        ? tenant
        : throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
}
