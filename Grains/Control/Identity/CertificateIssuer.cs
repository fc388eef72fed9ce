using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.Identity;

/// <summary>Issues certificates with the region's CA, for as long as the options say.</summary>
public sealed class CertificateIssuer(KeyRing ring, ControlOptions options, IRandom random, TimeProvider time)
{
    internal Enrolment Issue(PeerRole role, string name, PublicKey key)
    {
        using var authority = ring.OpenAuthority();
        var peer = new PeerIdentity(ring.Region, role, name);
        var certificate = authority.Issue(peer, key, time.GetUtcNow(), options.CertificateLife, random);
        return new(certificate, ring.AuthorityCertificate, ring.SigningKey);
    }
}
