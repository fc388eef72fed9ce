using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Leases;
using AMA.Grains.Interfaces.Control;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace AMA.Grains.Control.Identity;

/// <summary>Which start of a silo is its newest. Key: the region.</summary>
[Alias("ama.control.internal.starts")]
internal interface IStartsGrain : IGrainWithStringKey
{
    /// <summary>True when this is the silo's newest start and its key for answers. Reads durable state only.</summary>
    [Alias("is-newest"), AlwaysInterleave] Task<bool> IsNewest(string silo, long incarnation, byte[] kemPublicKey);

    /// <summary>Every silo's newest start, the newest first.</summary>
    [Alias("newest"), AlwaysInterleave] Task<SiloStart[]> Newest();
}

[GrainType("ama.control.identity")]
public sealed class IdentityGrain(
    [PersistentState("identity", ControlStorage.Name)] IPersistentState<IdentityState> stored,
    RequestGate gate, EnrolmentTokens tokens, CertificateIssuer issuer, ILogger<IdentityGrain> log)
    : Grain, IIdentityGrain, IStartsGrain
{
    private DurableState<IdentityState> _state = null!;

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, DeactivateOnIdle, log);
        return Task.CompletedTask;
    }

    public async Task<Enrolment> Enrol(EnrolmentRequest request)
    {
        var entry = new AuditEntry(AuditAct.Enrolment, true, gate.Now) { Silo = request?.Name };
        try
        {
            return await Enrol(request ?? throw Invalid("No request was given."), entry);
        }
        catch (ControlException refusal) when (refusal.Refusal != ControlRefusal.Unavailable)
        {
            await Audit.Append((entry with { Granted = false, Reason = refusal.Message }), null);
            throw;
        }
    }

    public async Task<long> RegisterIncarnation(byte[] signedRequest)
    {
        LeaseRequest? request = null;
        try
        {
            request = gate.Admit(signedRequest, LeaseAct.Register, tenant: null);
            await gate.RefuseReplay(Audit, request);
            var next = _state.Value.Register(request.SiloId, request.KemPublicKey, gate.Now);
            await _state.WriteAsync(next);
            await gate.Record(Audit, request, new(AuditAct.Registration, true, gate.Now) { Silo = request.SiloId });
            return next.LastIncarnation;
        }
        catch (LeaseRefusedException refused)
        {
            throw await gate.Refuse(Audit, AuditAct.Registration, request, signedRequest, refused);
        }
    }

    Task<bool> IStartsGrain.IsNewest(string silo, long incarnation, byte[] kemPublicKey) => Task.FromResult(
        _state.Value.Find(silo) is { } start && start.Incarnation == incarnation
        && start.KemHash.AsSpan().SequenceEqual(SHA256.HashData(kemPublicKey)));

    Task<SiloStart[]> IStartsGrain.Newest() => Task.FromResult(_state.Value.Silos);

    private async Task<Enrolment> Enrol(EnrolmentRequest request, AuditEntry entry)
    {
        if (!PeerIdentity.TryParseRole(request.Role, out var role)) throw Invalid("The role is gateway or backend.");
        if (!PeerIdentity.IsName(request.Name)) throw Invalid("A name has 1 to 64 characters of a-z, 0-9 and -.");
        if (!CertificateAuthority.TryReadPublicKey(request.PublicKey, out var key))
            throw Invalid("The public key is not one of ECDSA P-256.");
        if (!tokens.TryRead(request.Token, role, out var token) || _state.Value.Spend(token, gate.Now) is not { } next)
            throw new ControlException(
                ControlRefusal.NotAuthorised, "The enrolment token is unknown, used, too old or for another role.");
        await _state.WriteAsync(next); // spent before it is worth anything
        await Audit.Append(entry, null);
        return issuer.Issue(role, request.Name, key);
    }

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
