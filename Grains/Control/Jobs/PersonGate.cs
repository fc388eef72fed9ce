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
public sealed class PersonGate(KeyRing ring, IGrainFactory grains, RefusalRecord refusals, TimeProvider time)
{
    public KeyRing Ring => ring;

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeProvider Time => time;

    internal IAuditGrain Audit => grains.GetGrain<IAuditGrain>(ring.Region.Text());

    /// <summary>
    /// The person, whose token is good, whose session lives and whose role is one of <paramref name="roles"/>. Throws
    /// <see cref="ControlException"/>, which is on record: NotAuthorised, or NotAllowed for another role.
    /// </summary>
    public async Task<AccessGrant> AdmitAsync(
        string? token, Guid tenant, AuditAct act, params IReadOnlyList<AccessRole> roles)
    {
        var good = AccessGrant.TryVerify(token, ring.SigningKey, Now, out var person) && person.Region == ring.Region;
        var refusal = good ? await RefusalAsync(person!, tenant, roles) : SessionGate.Over();
        if (refusal is null) return person!;
        var entry = new AuditEntry(act, false, Now)
        {
            Tenant = tenant, Person = person?.User, Session = person?.Session, Reason = refusal.Message,
        };
        await (good ? refusals.RecordAlwaysAsync(entry) : refusals.RecordAsync(entry, from: null));
        throw refusal;
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
            LeaseRefusal.Unavailable => ControlRefusal.Conflict,
            _ => ControlRefusal.NotAllowed,
        };
        return new(refusal, $"Refused: {refused.Message}.");
    }

    private async Task<ControlException?> RefusalAsync(AccessGrant person, Guid tenant, IReadOnlyList<AccessRole> roles)
    {
        if (person.Role != AccessRole.Operator && person.Tenant != tenant) return SessionGate.Over();
        var sessions = grains.SessionsOf(ring.Region, person.Tenant, person.Session);
        if (!await sessions.IsLive(person.Session)) return SessionGate.Over();
        return roles.Contains(person.Role) ? null : WrongRole(person.Role, roles);
    }

    private static ControlException WrongRole(AccessRole role, IReadOnlyList<AccessRole> roles) => new(
        ControlRefusal.NotAllowed,
        $"The role {role.Text()} may not do this: it takes {string.Join(" or ", roles.Select(one => one.Text()))}.");
}
