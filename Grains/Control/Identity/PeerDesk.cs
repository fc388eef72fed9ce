using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;
using Orleans;

namespace AMA.Grains.Control.Identity;

/// <summary>
/// For the parts of a control silo that are no grains: the enrolment endpoint, the admin socket, the silo's own
/// certificate. Throws <see cref="ControlException"/>.
/// </summary>
public sealed class PeerDesk(KeyRing ring, ControlTrust trust, IGrainFactory grains, TimeProvider time)
{
    private string Key => ring.Region.Text();

    public Region Region => ring.Region;

    public byte[] SigningKey => ring.SigningKey;

    public IReadOnlyList<byte[]> Authorities => trust.Authorities;

    /// <summary>DER: the CA of what Control itself shows; enrolment tokens name it.</summary>
    public byte[] OwnAuthority => ring.OwnAuthority;

    /// <summary>
    /// Whom the region believes, signed: by the newest key, and while it is being succeeded also by the one before.
    /// </summary>
    public async Task<(TrustDocument Document, byte[][] Signed)> TrustAsync()
    {
        var now = time.GetUtcNow();
        var document = new TrustDocument(
            ring.Region, now, [.. Authorities], SigningKey, [.. ring.PastAuthorities], await RevokedAsync());
        return (document, [.. ring.Signers.Accepted(now).Select(document.Sign)]);
    }

    /// <param name="request">PKCS#10, DER.</param>
    public Task<Enrolment> EnrolAsync(string token, string role, string name, byte[] request) =>
        PeerRequest.TryRead(request, out var key)
            ? grains.GetGrain<IIdentityGrain>(Key).Enrol(new(token, role, name, key.ExportSubjectPublicKeyInfo()))
            : throw new ControlException(ControlRefusal.Invalid, "The request is not one of an ECDSA P-256 key.");

    public Task<Enrolment> RenewAsync(byte[] certificate, byte[] request, byte[] signature) =>
        grains.GetGrain<IPeersGrain>(Key).Renew(certificate, request, signature);

    /// <summary>
    /// Whose renewal this is, by this silo's own trust and without asking a grain; null: anybody's. Says nothing about
    /// whether it is granted.
    /// </summary>
    public PeerIdentity? HolderOf(byte[] certificate, byte[] request, byte[] signature) =>
        trust.Current.TryVerifyForRenewal(certificate, out var peer) && PeerRequest.IsRenewalOf(peer, request, signature)
            ? peer.Identity
            : null;

    /// <summary>Durable when it returns; other processes hear of it within seconds.</summary>
    public Task RevokeAsync(string role, string name) => grains.GetGrain<IPeersGrain>(Key).Revoke(role, name);

    /// <summary>The list as it is durable; this silo's own trust is set to it.</summary>
    public async Task<RevokedPeer[]> RevokedAsync()
    {
        var seen = await grains.GetGrain<IPeersGrain>(Key).Revoked();
        var revoked = seen.Select(Read).ToArray();
        trust.Set(revoked);
        return revoked;
    }

    private static RevokedPeer Read(RevokedView view) => PeerIdentity.TryParseRole(view.Role, out var role)
        ? new(role, view.Name, view.Until)
        : throw new InvalidOperationException($"{view.Role} is no role");
}
