using AMA.Archive.Access;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Identity;

/// <summary>Whose certificates this control silo believes: the region's CA's, less those of peers shut out.</summary>
public sealed class ControlTrust(KeyRing ring)
{
    private volatile PeerTrust _current = new(ring.Authorities, []);

    public PeerTrust Current => _current;

    /// <summary>DER, the newest first.</summary>
    public IReadOnlyList<byte[]> Authorities => ring.Authorities;

    public void Set(IReadOnlyList<RevokedPeer> revoked) => _current = new(Authorities, revoked);
}
