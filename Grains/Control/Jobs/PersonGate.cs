using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Jobs;

/// <summary>
/// Who of a tenant's people asks Control for something, and that it stands in the audit log before it happens.
/// </summary>
public sealed class PersonGate(KeyRing ring, IGrainFactory grains, TimeProvider time)
{
    public KeyRing Ring => ring;

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeProvider Time => time;

    internal IAuditGrain Audit => grains.GetGrain<IAuditGrain>(ring.Region.Text());

    /// <summary>
    /// The person, whose token is good, whose session lives and whose role is one of <paramref name="roles"/>. Throws
    /// <see cref="ControlException"/> (NotAuthorised), which is on record.
    /// </summary>
    public async Task<AccessGrant> AdmitAsync(
        string? token, Guid tenant, AuditAct act, params IReadOnlyList<AccessRole> roles)
    {
        var good = AccessGrant.TryVerify(token, ring.SigningKey, Now, out var person) && person.Region == ring.Region;
        var reason = good ? await RefusalAsync(person!, tenant, roles) : "no valid access token";
        if (reason is null) return person!;
        await Audit.Append(new AuditEntry(act, false, Now)
        {
            Tenant = tenant, Person = person?.User, Session = person?.Session, Reason = reason,
        }, null);
        throw new ControlException(ControlRefusal.NotAuthorised, $"Refused: {reason}.");
    }

    /// <summary>Durable when it returns; then it may happen.</summary>
    public Task RecordAsync(AuditAct act, AccessGrant person, Guid tenant, string what) => Audit.Append(
        new AuditEntry(act, true, Now)
        {
            Tenant = tenant, Person = person.User, Session = person.Session, Reason = what,
        }, null);

    /// <summary>What a rule refused, on record and as the caller is told.</summary>
    public async Task<ControlException> RefuseAsync(
        AuditAct act, AccessGrant person, Guid tenant, LeaseRefusedException refused)
    {
        await Audit.Append(new AuditEntry(act, false, Now)
        {
            Tenant = tenant, Person = person.User, Session = person.Session, Reason = refused.Message,
        }, null);
        var refusal = refused.Refusal switch
        {
            LeaseRefusal.NotFound => ControlRefusal.NotFound,
            LeaseRefusal.Invalid => ControlRefusal.Invalid,
            LeaseRefusal.Unavailable => ControlRefusal.Unavailable,
            _ => ControlRefusal.NotAuthorised,
        };
        return new(refusal, $"Refused: {refused.Message}.");
    }

    private async Task<string?> RefusalAsync(AccessGrant person, Guid tenant, IReadOnlyList<AccessRole> roles)
    {
        if (person.Role != AccessRole.Operator && person.Tenant != tenant) return "a token of another tenant";
        if (!roles.Contains(person.Role)) return "the person's role does not allow this";
        if (person.Role == AccessRole.Operator) return null;
        var sessions = grains.SessionsOf(ring.Region, tenant, person.Session);
        return await sessions.IsLive(person.Session) ? null : "the session has ended";
    }
}
