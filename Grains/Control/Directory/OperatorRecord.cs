using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Directory;

/// <summary>
/// For what an operator does outside the grains: the token is right and that is on record, or it is wrong and that is
/// on record.
/// </summary>
public sealed class OperatorRecord(KeyRing ring, OperatorGate gate, IGrainFactory grains)
{
    /// <summary>
    /// Returns when the entry is durable. Throws <see cref="ControlException"/>: NotAuthorised, or Unavailable when
    /// there is no record of it; then the caller must not go on.
    /// </summary>
    public async Task AdmitAsync(string? token, AuditEntry entry)
    {
        var audit = grains.GetGrain<IAuditGrain>(ring.Region.Text());
        try
        {
            gate.Check(token);
        }
        catch (ControlException refusal)
        {
            await audit.Append(entry with { Granted = false, Reason = refusal.Message }, null);
            throw;
        }
        await audit.Append(entry, null);
    }
}
