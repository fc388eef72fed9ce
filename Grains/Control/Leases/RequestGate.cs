using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Leases;

/// <summary>
/// What every signed request passes before anybody looks at what it wants, and how it gets on record.
/// </summary>
public sealed class RequestGate(KeyRing ring, ControlTrust trust, RefusalRecord refusals, TimeProvider time)
{
    public ControlTrust Trust => trust;

    public KeyRing Ring => ring;

    /// <summary>For what strangers ask, who have no certificate yet.</summary>
    public RefusalRecord Refusals => refusals;

    public TimeProvider Time => time;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Signature, certificate, clock and form. Throws <see cref="LeaseRefusedException"/>.</summary>
    public LeaseRequest Admit(byte[] signed, LeaseAct act, Guid? tenant)
    {
        var request = LeaseRules.Admit(signed ?? [], trust.Current, ring.Region, Now);
        LeaseRules.CheckForm(request, act, tenant);
        return request;
    }

    internal async Task RefuseReplay(IAuditGrain audit, LeaseRequest request)
    {
        if (await audit.Seen(request.Nonce)) throw Replayed();
    }

    /// <summary>
    /// Makes the entry durable and spends the request's nonce in one step. After it the answer may leave; when it
    /// throws, nothing may.
    /// </summary>
    internal async Task Record(IAuditGrain audit, LeaseRequest request, AuditEntry entry)
    {
        if (!await audit.Append(entry, request.Nonce)) throw Replayed();
    }

    /// <summary>Puts a refusal on record; what the caller then throws.</summary>
    /// <param name="request">Null when the request was refused as such: then what it claims is recorded.</param>
    internal async Task<ControlException> Refuse(
        IAuditGrain audit, AuditAct act, LeaseRequest? request, byte[] signed, LeaseRefusedException refused)
    {
        var claimed = request ?? (LeaseRequest.TryParse(signed ?? [], out var read) ? read : null);
        var entry = EntryOf(act, false, claimed) with { Reason = refused.Message };
        // What nobody has vouched for must not fill the log.
        await audit.Append(request is null ? entry with { Targets = null } : entry, null);
        var refusal = refused.Refusal switch
        {
            LeaseRefusal.NotFound => ControlRefusal.NotFound,
            LeaseRefusal.Invalid => ControlRefusal.Invalid,
            LeaseRefusal.Unavailable => ControlRefusal.Unavailable,
            _ => ControlRefusal.NotAuthorised,
        };
        return new(refusal, $"Lease refused: {refused.Message}.");
    }

    internal AuditEntry EntryOf(AuditAct act, bool granted, LeaseRequest? request) => new(act, granted, Now)
    {
        Tenant = request?.Tenant, Silo = request?.SiloId, Purpose = request?.Purpose, Lease = request?.LeaseId,
        Targets = request is { Targets.Length: > 0 } ? [.. request.Targets.Select(Text)] : null,
    };

    private static string Text(LeaseTarget target)
    {
        var part = $"{target.Class}/{target.Epoch}/{target.Generation}";
        var leaves = target.Leaves ?? [];
        return leaves.Length == 0 ? part : $"{part}:{string.Join(',', leaves)}";
    }

    private static LeaseRefusedException Replayed() =>
        new(LeaseRefusal.NotAuthorised, "the request was answered before");
}
