using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Revocations;
using AMA.Grains.Control.SignIn;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
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
    RequestGate gate, LeaseDesk desk, ILogger<LeaseGrain> log) : Grain, ILeaseGrain, ITenantKeysGrain,
    ILeaseCountGrain
{
    private MarkedState<LeaseState> _state = null!;
    private string _region = "";
    private Guid? _tenant;

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
        _state = new(stored, Audit, gate.Time, DeactivateOnIdle, log);
        return _state.CheckAsync();
    }

    public Task<byte[]> Grant(byte[] signedRequest) =>
        Answer(signedRequest, LeaseAct.Grant, AuditAct.LeaseGrant, async (request, person) =>
        {
            var queueKeys = request.Purpose == LeasePurpose.Queue
                ? await GrainFactory.GetGrain<IQueueKeysGrain>(_region).Current()
                : [];
            using var offer = desk.Grant(_state.Value, request, queueKeys);
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

    Task<int> ILeaseCountGrain.Live(DateTimeOffset now) =>
        Task.FromResult(_state.Value.Ledger.Leases.Count(lease => now < lease.ExpiresAt));

    private async Task<byte[]> Answer(
        byte[] signed, LeaseAct act, AuditAct audited, Func<LeaseRequest, AccessGrant?, Task<byte[]>> answer)
    {
        LeaseRequest? request = null;
        try
        {
            request = gate.Admit(signed, act, _tenant);
            await RefuseDeadStart(request);
            await gate.RefuseReplay(Audit, request);
            if (_tenant is not null && !_state.Exists)
                throw new LeaseRefusedException(LeaseRefusal.NotFound, "no such tenant");
            var person = act == LeaseAct.Grant && LeaseRules.NeedsPerson(request.Purpose)
                ? LeaseRules.CheckPerson(request, gate.Ring.SigningKey, gate.Ring.Region, gate.Now)
                : null;
            if (person is not null) await RefuseSignedOut(person);
            await RefuseRevoked(request, act, person);
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

    private async Task RefuseDeadStart(LeaseRequest request)
    {
        var identity = GrainFactory.GetGrain<IStartsGrain>(_region);
        if (!await identity.IsNewest(request.SiloId, request.Incarnation, request.KemPublicKey))
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "not the silo's newest start, or another key");
    }

    /// <summary>A token outlives a sign-out; what it opens does not.</summary>
    private async Task RefuseSignedOut(AccessGrant person)
    {
        var sessions = GrainFactory.GetGrain<ISessionsGrain>(SessionsGrain.KeyOf(gate.Ring.Region, person.Tenant));
        if (!await sessions.IsLive(person.Session))
            throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, "the session has ended");
    }

    /// <summary>
    /// A lease that is renewed, or extended, counts from its grant; a new one from now. One that was revoked may still
    /// say what it used, unless whoever says so is held.
    /// </summary>
    private async Task RefuseRevoked(LeaseRequest request, LeaseAct act, AccessGrant? person)
    {
        var lease = request.LeaseId is { } id && act != LeaseAct.Release
            ? Array.Find(_state.Value.Ledger.Leases, other => other.Id == id)
            : null;
        var revocations = GrainFactory.GetGrain<IRevokingGrain>(_region);
        var reason = await revocations.Refusal(
            new(request.Tenant, request.SiloId, person?.Session, request.LeaseId, lease?.GrantedAt));
        if (reason is not null) throw new LeaseRefusedException(LeaseRefusal.NotAuthorised, reason);
    }

    [LoggerMessage(1, LogLevel.Error, "Keys in Control's state cannot be opened")]
    private partial void LogDamage(SealException damage);
}
