using AMA.Archive.Access;
using AMA.Grains.Control.Identity;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.Identity;

public class IdentityStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Threat_39_ExpelledPeer_StaysListed_AsLongAsItsLastCertificateCouldRenew()
    {
        // Issued in the second of the revocation, for as long as certificates live.
        var renewableUntil = Now + TimeSpan.FromHours(72) + CertificateIssuer.RenewalAgeMax;
        var expelled = new IdentityState().Revoke(PeerRole.Gateway, "stolen", Now);

        var atTheEnd = expelled.Revoke(PeerRole.Web, "other", renewableUntil);
        Assert.Contains(atTheEnd.Revoked, entry => entry.Name == "stolen");

        var after = expelled.Revoke(PeerRole.Web, "other", renewableUntil + TimeSpan.FromHours(1));
        Assert.Equal(["other"], after.Revoked.Select(entry => entry.Name));
    }
}
