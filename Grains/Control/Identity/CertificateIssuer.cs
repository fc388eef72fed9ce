using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Identity;

/// <summary>Issues certificates with the region's CA, for as long as the options say.</summary>
public sealed class CertificateIssuer(KeyRing ring, ControlOptions options, IRandom random, TimeProvider time)
{
    /// <summary>
    /// A certificate that ran out longer ago is no reason for a new one: its machine enrols again. Longer than any
    /// certificate lives, so that the list of the revoked stays short.
    /// </summary>
    public static readonly TimeSpan RenewalAgeMax = TimeSpan.FromDays(90);

    /// <summary>No certificate lives longer, whatever the options say.</summary>
    public static readonly TimeSpan LifeMax = TimeSpan.FromHours(72);

    /// <summary>
    /// How long a peer that was shut out stays listed: the last certificate it got could renew itself until then.
    /// </summary>
    internal static readonly TimeSpan ShutOutFor = LifeMax + RenewalAgeMax + CertificateAuthority.BackDating;

    /// <summary>
    /// A control silo's own papers: it has the CA, so it asks nobody. Of the older CA while that one counts, since
    /// whoever was away knows no other.
    /// </summary>
    public PeerPapers IssueOwn(string name)
    {
        var draft = new PeerDraft();
        using var authority = ring.OpenOwnAuthority();
        return draft.Complete(
            Issue(authority, PeerRole.Control, name, draft.PublicKey), ring.Authorities, ring.SigningKey);
    }

    internal Enrolment Issue(PeerRole role, string name, PublicKey key)
    {
        using var authority = ring.OpenAuthority();
        return new(Issue(authority, role, name, key), authority.Certificate, ring.SigningKey);
    }

    private byte[] Issue(CertificateAuthority authority, PeerRole role, string name, PublicKey key)
    {
        var peer = new PeerIdentity(ring.Region, role, name);
        var life = options.CertificateLife < LifeMax ? options.CertificateLife : LifeMax;
        return authority.Issue(peer, key, time.GetUtcNow(), life, random);
    }
}
