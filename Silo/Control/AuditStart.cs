using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control;

/// <summary>
/// After the keys are open and before anybody may ask: the audit log must be whole, the same in both stores, and contain
/// what was signed off site; and the region's keys must be the newest that it knows of. A fault here ends the start,
/// loudly, in recovery mode.
/// </summary>
internal sealed class AuditStart(AuditOpening opening, WrapMarks wraps) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(AuditStart), ServiceLifecycleStage.First + 1,
        async _ => await wraps.CheckAsync(await opening.CheckAsync()));
}
