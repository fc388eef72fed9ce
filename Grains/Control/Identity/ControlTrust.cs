using AMA.Archive.Access;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Identity;

/// <summary>Whose certificates this control silo believes: the region's CA's, less those of peers shut out.</summary>
public sealed class ControlTrust(KeyRing ring)
{
    private volatile PeerTrust _current = new(ring.AuthorityCertificate);

    public PeerTrust Current => _current;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<byte[]> Authorities => [ring.AuthorityCertificate];

    public void Set(IReadOnlyList<RevokedPeer> revoked) => _current = new(Authorities, revoked);
}
