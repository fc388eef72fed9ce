using AMA.Grains.Control.Audit;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// After the keys are open and before anybody may ask: the audit log must be whole, the same in both stores, and contain
/// what was signed off site. A fault here ends the start, loudly, in
/// recovery mode.
/// </summary>
internal sealed class AuditStart(AuditOpening opening) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(AuditStart), ServiceLifecycleStage.First + 1, _ => opening.CheckAsync());
}
