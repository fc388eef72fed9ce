using System.Security.Cryptography;
using AMA.Archive.Access;
using AMA.Archive.Keys.Leases;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Leases;
using AMA.Grains.Control.Survival;
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

/// <summary>Who may be in the region. Key: the region.</summary>
[Alias("ama.control.internal.peers")]
internal interface IPeersGrain : IGrainWithStringKey
{
    /// <summary>A certificate for a new key, shown by the key of <paramref name="certificate"/>.</summary>
    [Alias("renew")] Task<Enrolment> Renew(byte[] certificate, byte[] request, byte[] signature);

    [Alias("revoke")] Task Revoke(string role, string name);

    [Alias("revoked"), AlwaysInterleave] Task<RevokedView[]> Revoked();
}

[GenerateSerializer, Immutable, Alias("ama.control.internal.revoked")]
internal sealed record RevokedView(
    [property: Id(0)] string Role, [property: Id(1)] string Name, [property: Id(2)] DateTimeOffset Until);

[GrainType(IdentityGrain.TypeName)]
public sealed class IdentityGrain(
    [PersistentState(IdentityGrain.StateName, ControlStorage.Name)] IPersistentState<IdentityState> stored,
    RequestGate gate, EnrolmentTokens tokens, CertificateIssuer issuer, ILogger<IdentityGrain> log)
    : Grain, IIdentityGrain, IStartsGrain, IPeersGrain
{
    public const string TypeName = "ama.control.identity";

    public const string StateName = "identity";

    private MarkedState<IdentityState> _state = null!;

    private IAuditGrain Audit => GrainFactory.GetGrain<IAuditGrain>(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancel)
    {
        RegionCheck.Only(gate.Ring, this.GetPrimaryKeyString());
        _state = new(stored, Audit, gate.Time, DeactivateOnIdle, log);
        await _state.CheckAsync();
        gate.Trust.Set(_state.Checked?.Revoked ?? []);
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
            await gate.Refusals.RecordAsync(entry with { Granted = false, Reason = refusal.Message }, from: null);
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
            var next = _state.Value.Register(
                request.SiloId, request.KemPublicKey, gate.Now, gate.Ring.RestoreGeneration);
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

    async Task<Enrolment> IPeersGrain.Renew(byte[] certificate, byte[] request, byte[] signature)
    {
        var known = gate.Trust.Current.TryVerifyForRenewal(certificate ?? [], out var peer);
        var entry = new AuditEntry(AuditAct.CertificateRenewal, true, gate.Now) { Silo = peer?.Identity.ToString() };
        if (known && gate.Now <= peer!.NotAfter + CertificateIssuer.RenewalAgeMax
            && PeerRequest.TryRead(request ?? [], out var key) && PeerRequest.IsRenewalOf(peer, request, signature ?? []))
        {
            await Audit.Append(entry, null);
            return issuer.Issue(peer.Identity.Role, peer.Identity.Name, key);
        }
        const string why = "The certificate is foreign, revoked or too old, or the request is not its holder's.";
        await gate.Refusals.RecordAsync(entry with { Granted = false, Reason = why }, from: null);
        throw new ControlException(ControlRefusal.NotAuthorised, why);
    }

    async Task IPeersGrain.Revoke(string role, string name)
    {
        if (!PeerIdentity.TryParseRole(role, out var known)) throw Invalid("The role is gateway, backend, web or control.");
        if (!PeerIdentity.IsName(name)) throw Invalid("A name has 1 to 64 characters of a-z, 0-9 and -.");
        await _state.WriteAsync(_state.Value.Revoke(known, name, gate.Now));
        gate.Trust.Set(_state.Value.Revoked);
    }

    Task<RevokedView[]> IPeersGrain.Revoked() => Task.FromResult(_state.Value.Revoked
        .Select(peer => new RevokedView(PeerIdentity.RoleText(peer.Role), peer.Name, peer.Until)).ToArray());

    private async Task<Enrolment> Enrol(EnrolmentRequest request, AuditEntry entry)
    {
        if (!PeerIdentity.TryParseRole(request.Role, out var role)) throw Invalid("The role is gateway, backend, web or control.");
        if (!PeerIdentity.IsName(request.Name)) throw Invalid("A name has 1 to 64 characters of a-z, 0-9 and -.");
        if (!CertificateAuthority.TryReadPublicKey(request.PublicKey, out var key))
            throw Invalid("The public key is not one of ECDSA P-256.");
        if (!tokens.TryRead(request.Token, role, request.Name, out var token) || _state.Value.Spend(token, gate.Now) is not { } next)
            throw new ControlException(
                ControlRefusal.NotAuthorised, "The enrolment token is unknown, used, too old or for another role or name.");
        await _state.WriteAsync(next); // spent before it is worth anything
        await Audit.Append(entry, null);
        return issuer.Issue(role, request.Name, key);
    }

    private static ControlException Invalid(string why) => new(ControlRefusal.Invalid, why);
}
