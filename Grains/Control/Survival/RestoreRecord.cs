using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using Orleans;

namespace AMA.Grains.Control.Survival;

/// <summary>
/// Says in the audit log that Control was restored, and how far the log had been signed before: where the entry's own
/// number is lower, those in between are lost.
/// </summary>
public sealed class RestoreRecord(AuditOpening opening, KeyRingSlot slot, IGrainFactory grains, TimeProvider time)
{
    /// <summary>Once for each restore; does nothing where there was none.</summary>
    public async Task RunAsync()
    {
        var (region, restore) = (slot.Ring.Region.Text(), slot.Ring.RestoreGeneration);
        if (restore == 0) return;
        var (audit, name) = (grains.GetGrain<IAuditGrain>(region), $"restore/{region}");
        if (await audit.MarkOf(name) is { } mark && mark.Generation >= restore) return;
        var signed = await opening.SignedBeforeRestoreAsync();
        var text = $"restore {restore}; signed before it: {(signed is { } size ? $"{size} entries" : "nothing that is left")}";
        await audit.Append(
            new AuditEntry(AuditAct.Restore, true, time.GetUtcNow())
            {
                Detail = text, Mark = new(name, restore, SHA256.HashData(Encoding.UTF8.GetBytes(text))),
            }, null);
    }
}
