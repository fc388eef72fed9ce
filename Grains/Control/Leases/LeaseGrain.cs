using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace AMA.Grains.Control.Leases;

/// <summary>A tenant's keys. Key: as <see cref="ILeaseGrain"/>.</summary>
[Alias("ama.control.internal.tenant-keys")]
internal interface ITenantKeysGrain : IGrainWithStringKey
{
    /// <summary>Makes the tenant's key, unless it is there. Durable in both stores when it returns.</summary>
    [Alias("create")] Task Create();

    /// <summary>
    /// Wraps the tenant's key under the newest root key; with <paramref name="newKey"/> everything under a new tenant's
    /// key, too. One write.
    /// </summary>
    [Alias("rewrap")] Task Rewrap(bool newKey);
}

/// <summary>Key: as <see cref="ILeaseGrain"/>.</summary>
[Alias("ama.control.internal.lease-count")]
internal interface ILeaseCountGrain : IGrainWithStringKey
{
    /// <summary>Renewable leases that have not run out.</summary>
    [Alias("live")] Task<int> Live(DateTimeOffset now);
}

/// <summary>
/// Every call: who asks (gate), what follows (desk), state durable, record durable, answer. A fault anywhere before
/// the end means that no key has left.
/// </summary>
/// <remarks>
/// Grants for search and read interleave: they change no state, only read the durable one, and many of them then share
/// one audit write. Everything else has its turn.
/// </remarks>
[GrainType("ama.control.lease"), MayInterleave(nameof(ChangesNothing))]
public sealed partial class LeaseGrain(
    [PersistentState("lease", ControlStorage.Name)] IPersistentState<LeaseState> stored,
    [PersistentState("renewals", ControlStorage.Name)] IPersistentState<RenewalsState> renewed,
    RequestGate gate, LeaseDesk desk, ILogger<LeaseGrain> log)
    : Grain, ILeaseGrain, ITenantKeysGrain, ILeaseCountGrain
{
    private readonly GrantQuota _quota = new(desk.Time);
    private LeaseBook _state = null!;
    private string _region = "";
    private Guid? _tenant;

    private LeaseChecks Checks => ServiceProvider.GetRequiredService<LeaseChecks>();

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(_region);

    /// <summary>Judged by what the request claims, which is also what it then gets.</summary>
    public static bool ChangesNothing(IInvokable call) =>
        call.GetMethodName() == nameof(Grant) && call.GetArgument(0) is byte[] signed
        && LeaseRequest.TryParse(signed, out var request) && LeaseRules.NeedsPerson(request.Purpose);

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        var key = this.GetPrimaryKeyString();
        var tenant = RegionCheck.Rest(gate.Ring, key);
        _region = key.Split('/')[0];
        if (tenant.Length > 0)
            _tenant = Guid.TryParseExact(tenant, "N", out var id)
                ? id
                : throw new ControlException(ControlRefusal.NotFound, "There is no such tenant.");
        _state = new(
            new(stored, Audit, gate.Time, DeactivateOnIdle, log), new(renewed, DeactivateOnIdle, log), Audit);
        return OpenStateAsync();
    }

    public Task<byte[]> Grant(byte[] signedRequest) =>
        Answer(signedRequest, LeaseAct.Grant, AuditAct.LeaseGrant, async (request, person) =>
        {
            _quota.Count(request.SiloId);
            var basis = await Checks.BasisOf(request);
            using var offer = desk.Grant(_state.Value, request, basis);
            return await Give(offer, request, signedRequest, AuditAct.LeaseGrant, person);
        });

    public Task<byte[]> Renew(byte[] signedRequest) =>
        Answer(signedRequest, LeaseAct.Renew, AuditAct.LeaseRenewal, async (request, person) =>
        {
            using var offer = desk.Renew(_state.Value, request);
            return await Give(offer, request, signedRequest, AuditAct.LeaseRenewal, person);
        });

    public Task Release(byte[] signedRequest) =>
        Answer(signedRequest, LeaseAct.Release, AuditAct.LeaseRelease, async (request, _) =>
        {
            await _state.WriteAsync(desk.Release(_state.Value, request));
            await gate.Record(Audit, request, gate.EntryOf(AuditAct.LeaseRelease, true, request));
            return [];
        });

    async Task ITenantKeysGrain.Create()
    {
        if (_tenant is not { } tenant) throw new ControlException(ControlRefusal.Invalid, "No tenant was named.");
        if (!_state.Exists) await _state.WriteAsync(desk.NewTenant(tenant));
    }

    async Task ITenantKeysGrain.Rewrap(bool newKey)
    {
        if (_tenant is null || !_state.Exists) return;
        if (desk.Rewrap(_state.Value, newKey) is { } next) await _state.WriteAsync(next);
    }

    Task<int> ILeaseCountGrain.Live(DateTimeOffset now) =>
        Task.FromResult(_state.Value.Ledger.Leases.Count(lease => now < lease.ExpiresAt));

    private async Task<byte[]> Answer(
        byte[] signed, LeaseAct act, AuditAct audited, Func<LeaseRequest, AccessGrant?, Task<byte[]>> answer)
    {
        LeaseRequest? request = null;
        try
        {
            request = gate.Admit(signed, act, _tenant);
            await Checks.RefuseDeadStart(request);
            await gate.RefuseReplay(Audit, request);
            if (_tenant is not null && !_state.Exists)
                throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such tenant");
            Restored.RefuseWaiting(_state.Value);
            var person = act == LeaseAct.Grant && LeaseRules.NeedsPerson(request.Purpose)
                ? LeaseRules.CheckPerson(request, gate.Ring.SigningKey, gate.Ring.Region, gate.Now)
                : null;
            await Checks.RefuseSignedOut(person);
            await Checks.RefuseRevoked(request, person, act == LeaseAct.Release ? null : GrantOf(request.LeaseId));
            return await answer(request, person);
        }
        catch (LeaseRefusedException refused)
        {
            throw await gate.Refuse(Audit, audited, request, signed, refused);
        }
        catch (SealException weak) when (weak.Fault == SealFault.WeakKey)
        {
            throw new ControlException(ControlRefusal.Invalid, "Nothing can be sealed to the key for answers.");
        }
        catch (SealException damage)
        {
            LogDamage(damage);
            throw new ControlException(ControlRefusal.Unavailable, "Control cannot open this tenant's keys.");
        }
    }

    private async Task<byte[]> Give(
        LeaseOffer offer, LeaseRequest request, byte[] signed, AuditAct audited, AccessGrant? person)
    {
        if (!ReferenceEquals(offer.Next, _state.Value)) await _state.WriteAsync(offer.Next);
        await gate.Record(Audit, request, gate.EntryOf(audited, true, request) with
        {
            Lease = offer.Grant.LeaseId, Fence = offer.Grant.Fence, Person = person?.User, Session = person?.Session,
        });
        return desk.Sign(offer, request, signed);
    }

    private DateTimeOffset? GrantOf(Guid? lease) =>
        Array.Find(_state.Value.Ledger.Leases, other => other.Id == lease)?.GrantedAt;

    [LoggerMessage(1, LogLevel.Error, "Keys in Control's state cannot be opened")]
    private partial void LogDamage(SealException damage);
}
