using AMA.Archive.Access;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Directory;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// For what a tenant's people or the operator do to a tenant: lets them in, puts it on record, and has it done. A refusal
/// is on record too.
/// </summary>
public sealed class KeeperGate(SignInDesk desk, SessionGate gate, OperatorGate operators)
{
    public SignInDesk Desk => desk;

    /// <param name="entry">The act, and what it is about; who and which tenant are filled in.</param>
    public async Task<T> DoAsync<T>(string tenantName, string token, AuditEntry entry, Func<Actor, Task<T>> step)
    {
        entry = entry with { TenantName = tenantName };
        try
        {
            var actor = await AdmitAsync(tenantName, token);
            entry = entry with { By = actor.Name };
            var tenant = (await desk.Accounts(tenantName).Find("")).Tenant;
            if (tenant == Guid.Empty) throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
            entry = entry with { Tenant = tenant };
            await desk.Record(entry);
            return await step(actor);
        }
        catch (ControlException refusal) when (refusal.Refusal != ControlRefusal.Unavailable)
        {
            await RefuseAsync(entry with { Granted = false, Reason = refusal.Message }, token);
            throw;
        }
    }

    /// <summary>Of who is known always an entry of its own; of strangers within what they may fill.</summary>
    private Task RefuseAsync(AuditEntry refusal, string token)
    {
        if (refusal.By is not null) return desk.Record(refusal);
        return gate.HolderOf(token) is { } holder
            ? desk.Record(refusal with { By = holder.User, Session = holder.Session })
            : desk.Refuse(refusal, from: null);
    }

    private async Task<Actor> AdmitAsync(string tenantName, string token)
    {
        if (!AccessGrant.TryReadUnverified(token, out _))
        {
            operators.Check(token);
            return Actor.Operator;
        }
        var (_, account) = await gate.Admit(tenantName, token);
        return new(account.Name, account.Role);
    }
}
