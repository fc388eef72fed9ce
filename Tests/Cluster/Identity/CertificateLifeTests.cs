using System.Net;
using System.Net.Http.Json;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Identity;
using AMA.Tests.Cluster.Control;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>A certificate from its token to its end, over the real endpoint, by a clock of the test's own.</summary>
public partial class CertificateLifeTests
{
    private const string Name = "silo-7";
    private static readonly PeerRole[] Anybody = [PeerRole.Backend, PeerRole.Gateway];

    [Fact]
    public async Task Certificate_RenewsItselfAtTwoThirds_WithAFreshKey_WithoutRestart()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        var first = keeper.Credentials.Papers;
        await keeper.RefreshAsync(CancellationToken.None);
        Assert.Same(first, keeper.Credentials.Papers); // not due yet

        await AdvanceAsync(world, keeper, TimeSpan.FromHours(49));
        var second = keeper.Credentials.Papers;

        Assert.True(second.NotAfter > first.NotAfter.AddHours(48));
        Assert.Equal(first.Identity, second.Identity);
        Assert.NotEqual(KeyOf(first), KeyOf(second));
        Assert.Null(keeper.Credentials.Refuse(second.Certificate, Anybody, out _));
    }

    [Fact]
    public async Task Threat_39_ExpiredCertificate_IsGoodForItsRenewalAndNothingElse()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        var first = keeper.Credentials.Papers;

        await LaterAsync(world, world.Clock.GetUtcNow() + TimeSpan.FromHours(100));
        Assert.Null(keeper.Credentials.Valid);
        Assert.NotNull(keeper.Credentials.Refuse(first.Certificate, Anybody, out _));
        await AdvanceAsync(world, keeper, TimeSpan.Zero);

        Assert.NotNull(keeper.Credentials.Valid);
        Assert.NotNull(keeper.Credentials.Refuse(first.Certificate, Anybody, out _));
    }

    [Fact]
    public async Task CertificateThatRanOutTooLongAgo_NeedsANewToken()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        var papers = keeper.Credentials.Papers;
        world.Clock.Advance(TimeSpan.FromHours(72) + CertificateIssuer.RenewalAgeMax + TimeSpan.FromHours(1));

        await RenewalRefusedAsync(world, papers, papers);
    }

    [Fact]
    public async Task Threat_39_RevokedCertificate_IsNeverRenewed_UntilANewTokenLetsThePeerIn()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        var papers = keeper.Credentials.Papers;
        await world.Service<PeerDesk>().RevokeAsync("backend", Name);

        await RenewalRefusedAsync(world, papers, papers);
        await keeper.HearAsync(CancellationToken.None);
        Assert.NotNull(keeper.Credentials.Refuse(papers.Certificate, Anybody, out _));

        world.Clock.Advance(TimeSpan.FromSeconds(2)); // certificates know whole seconds
        var again = await JoinAsync(world);
        Assert.Null(again.Credentials.Refuse(again.Credentials.Papers.Certificate, Anybody, out _));
        Assert.NotNull(again.Credentials.Refuse(papers.Certificate, Anybody, out _));
    }

    [Fact]
    public async Task Threat_39_RenewalWithAnothersKey_IsRefused_AndOnRecord()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var own = (await JoinAsync(world)).Credentials.Papers;
        var other = (await JoinAsync(world, "thief")).Credentials.Papers;

        await RenewalRefusedAsync(world, own, signer: other);

        var seen = await AuditTrail.LastAsync(world, AuditAct.CertificateRenewal);
        Assert.False(seen.Granted);
        Assert.Equal(own.Identity.ToString(), seen.Silo);
    }

    [Fact]
    public async Task Threat_39_FloodOfForgedRenewals_IsStopped_AndAPeerBehindTheSameAddressStillRenews()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var own = (await JoinAsync(world)).Credentials;
        using var stranger = new HttpClient(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, _, _, _) => true,
        });
        var forged = new RenewBody(own.Papers.Certificate, [1], new byte[64]);
        var last = default(HttpStatusCode);
        for (var i = 0; i < EnrolmentLimit.AddressMax; i++)
        {
            using var answer = await stranger.PostAsJsonAsync(
                $"https://{world.Options.EnrolmentEndpoint}/v1/renew", forged, EnrolmentJson.Default.RenewBody);
            last = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last); // the enrolment was one of them
        var client = new EnrolmentClient(Region.Eu, world.Options.EnrolmentEndpoint, world.Clock);
        await client.RenewAsync(own.Papers, own.Trust, CancellationToken.None);
    }

    [Fact]
    public async Task Token_IsGoodOnce_ForItsRole_AndForItsTime()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var ticket = Ticket(world, PeerRole.Backend);
        await JoinAsync(world, ticket: ticket);

        await RefusedAsync(() => JoinAsync(world, ticket: ticket));
        await RefusedAsync(() => JoinAsync(world, ticket: Ticket(world, PeerRole.Gateway)));
        var late = Ticket(world, PeerRole.Backend);
        world.Clock.Advance(EnrolmentTokens.Life);
        await RefusedAsync(() => JoinAsync(world, ticket: late));
    }

    [Fact]
    public async Task Token_IsNotGivenToWhoeverAnswers()
    {
        await using var world = await ControlWorld.StartNewAsync();
        await using var other = await ControlWorld.StartNewAsync();
        var ticket = Ticket(world, PeerRole.Backend);

        var refused = await RefusedAsync(() => JoinAsync(other, ticket: ticket));
        Assert.Contains("not the Control", refused.Message);
        await JoinAsync(world, ticket: ticket); // it was not spent
    }

    [Fact]
    public async Task Restart_NeedsNoToken_AndTheFileIsItsOwnersOnly()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var file = new IdentityFile(Path.Combine(world.Root, "identity"), new DurableFiles());
        var first = await JoinAsync(world, file: file);
        await world.StopAsync();

        var second = NewKeeper(world, Name, () => throw new InvalidOperationException("asked for a token"), file);
        await second.StartAsync(NullLogger.Instance, CancellationToken.None);

        Assert.Equal(first.Credentials.Papers.Certificate, second.Credentials.Papers.Certificate);
        var path = Path.Combine(world.Root, "identity", "identity.pem");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    private static async Task<PeerKeeper> JoinAsync(
        ControlWorld world, string name = Name, EnrolmentTicket? ticket = null, IdentityFile? file = null)
    {
        ticket ??= Ticket(world, PeerRole.Backend, name);
        var keeper = NewKeeper(world, name, () => ticket, file);
        await keeper.StartAsync(NullLogger.Instance, CancellationToken.None);
        return keeper;
    }

    private static PeerKeeper NewKeeper(
        ControlWorld world, string name, Func<EnrolmentTicket?> ticket, IdentityFile? file) => new(
        new PeerSource
        {
            Role = PeerRole.Backend,
            Name = name,
            Control = new EnrolmentClient(Region.Eu, world.Options.EnrolmentEndpoint, world.Clock),
            Ticket = ticket,
            File = file,
        },
        new PeerCredentials(Region.Eu, world.Clock), world.Clock);

    private static EnrolmentTicket Ticket(ControlWorld world, PeerRole role, string name = Name) =>
        EnrolmentTicket.Of(world.Enrolment(role, name), world.Service<PeerDesk>().OwnAuthority);

    /// <summary>Control's own certificate has to be renewed first; it looks every ten seconds of the clock.</summary>
    private static async Task AdvanceAsync(ControlWorld world, PeerKeeper keeper, TimeSpan time)
    {
        var before = keeper.Credentials.Papers;
        world.Clock.Advance(time);
        await WaitUntil.AnswerAsync("a new certificate", async () =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(10));
            try
            {
                await keeper.RefreshAsync(CancellationToken.None);
            }
            catch (EnrolmentException away) when (away.IsTransient)
            {
                return false;
            }
            return !ReferenceEquals(before, keeper.Credentials.Papers);
        }, renewed => renewed);
    }

    private static async Task RenewalRefusedAsync(ControlWorld world, PeerPapers papers, PeerPapers signer)
    {
        var request = new PeerDraft().Request(papers.Identity.Name);
        await Refusal.IsAsync(ControlRefusal.NotAuthorised, () => world.Service<PeerDesk>().RenewAsync(
            papers.Certificate, request, PeerRequest.SignRenewal(signer, request)));
    }

    private static async Task<EnrolmentException> RefusedAsync(Func<Task> join)
    {
        var refused = await Assert.ThrowsAsync<EnrolmentException>(join);
        Assert.False(refused.IsTransient);
        return refused;
    }

    private static byte[] KeyOf(PeerPapers papers) => papers.Shown.GetPublicKey();
}
