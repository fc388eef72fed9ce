using System.Globalization;
using AMA.Adapters.Hosting.Tls;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;

namespace AMA.Silo.Control.Admin;

/// <summary>The region's CA, this silo's own certificate, and how many peers are shut out.</summary>
internal sealed class CertificateStatus(KeyRing ring, PeerCredentials own, PeerDesk peers, TimeProvider time) : IStatusPart
{
    /// <summary>Certificates of its last days are short, and changing it takes planning.</summary>
    private static readonly TimeSpan AuthorityWarning = TimeSpan.FromDays(60);

    public async Task<IReadOnlyList<StatusLine>> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (papers, revoked) = (own.Papers, await peers.RevokedAsync());
        return
        [
            new("region's CA", $"until {ring.AuthorityEnd:yyyy-MM-dd}", ring.AuthorityEnd - now > AuthorityWarning),
            new("own certificate", $"{papers.Identity}, renewed at {papers.RenewAt:u}", now < papers.NotAfter),
            new("peers shut out", revoked.Length.ToString(CultureInfo.InvariantCulture)),
        ];
    }
}
