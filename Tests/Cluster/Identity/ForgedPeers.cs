using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;

namespace AMA.Tests.Cluster.Identity;

/// <summary>A region's CA in the test's own hands: it issues what Control never would.</summary>
internal sealed class ForgedPeers : IDisposable
{
    private readonly CertificateAuthority _authority = CertificateAuthority.Create(Region.Eu, Now.AddDays(-2));
    private readonly CertificateAuthority _foreign = CertificateAuthority.Create(Region.Eu, Now.AddDays(-2));

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <param name="time">The holder's clock; null: the system's.</param>
    public PeerCredentials Good(PeerRole role, TimeProvider? time = null) => Holding(role, "good", time: time);

    /// <param name="flaw">What is wrong with the certificate; null: nothing.</param>
    public PeerCredentials Holding(PeerRole role, string name, string? flaw = null, TimeProvider? time = null)
    {
        var region = flaw == "region" ? Region.Us : Region.Eu;
        var issuer = flaw == "foreign" ? _foreign : _authority;
        var since = flaw == "expired" ? Now.AddHours(-25) : Now;
        var draft = new PeerDraft();
        var certificate = issuer.Issue(
            new PeerIdentity(region, role, name), draft.PublicKey, since, TimeSpan.FromHours(24), SystemRandom.Instance);
        var papers = draft.Complete(certificate, [issuer.Certificate], new byte[32]);
        var credentials = new PeerCredentials(Region.Eu, time ?? TimeProvider.System);
        credentials.Set(papers, [_authority.Certificate], []);
        return credentials;
    }

    public void ShutOut(PeerCredentials where, PeerRole role, string name) =>
        where.Set(where.Papers, [_authority.Certificate], [new RevokedPeer(role, name, Now.AddMinutes(1))]);

    public void Dispose()
    {
        _authority.Dispose();
        _foreign.Dispose();
    }
}
