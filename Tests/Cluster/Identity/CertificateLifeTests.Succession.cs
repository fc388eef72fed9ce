using System.Net;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Adapters.Local;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Identity;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Rotation;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Identity;
using AMA.Tests.Cluster.Control;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>Control's signing key and the region's CA are replaced, twice, and nobody who can hear has to be told.</summary>
public partial class CertificateLifeTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task SigningKeyAndCa_SucceedTwice_AndWhoHearsFollows()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        var keys = new HashSet<string> { Convert.ToHexString(keeper.Credentials.Papers.SigningKey) };
        for (var time = 0; time < 2; time++)
        {
            var before = keeper.Credentials.Papers;
            var made = world.Clock.GetUtcNow();
            await Rotation(world).RotateSigning();
            await Rotation(world).RotateAuthority();
            await Refusal.IsAsync(ControlRefusal.Invalid, Rotation(world).RotateSigning);
            await world.Service<SurvivalCare>().RotateAsync(Region.Eu, RotationKind.Root, _ => Task.CompletedTask, default); // what is under it is wrapped again, the older ones too
            if (time == 0) await world.RestartAsync();

            // Published, and not yet used: whoever hasn't heard still understands everything.
            await keeper.HearAsync(CancellationToken.None);
            Assert.Equal(2, keeper.Credentials.Trust.Authorities.Count);
            Assert.Equal(64, keeper.Credentials.Papers.SigningKey.Length);
            Assert.True(await IsSignedForAsync(world, before.SigningKey));
            Assert.True(IsBelieved(before, keeper.Credentials.Papers.Certificate, world));

            await LaterAsync(world, made + SuccessionTimes.Announced - Moment);
            await AdvanceAsync(world, keeper, TimeSpan.Zero);
            var old = keeper.Credentials.Papers;
            await LaterAsync(world, made + SuccessionTimes.Announced + Moment);
            Assert.False(await IsSignedForAsync(world, before.SigningKey));
            Assert.True(await IsSignedForAsync(world, keeper.Credentials.Papers.SigningKey));
            var joined = await JoinAsync(world, $"later-{time}");
            Assert.False(IsBelieved(before, joined.Credentials.Papers.Certificate, world));
            // Each believes the other, also by the certificate of the older CA, until that ends.
            Assert.Null(keeper.Credentials.Refuse(joined.Credentials.Papers.Certificate, Anybody, out _));
            Assert.Null(joined.Credentials.Refuse(old.Certificate, Anybody, out _));

            await LaterAsync(world, made + SuccessionTimes.OwnUntil - Moment);
            await AdvanceAsync(world, keeper, TimeSpan.Zero); // long run out, but Control can still be understood
            await LaterAsync(world, made + SuccessionTimes.Overlap);
            await Rotation(world).TendSuccession();
            if (time == 0) await world.RestartAsync(); // the audit log still knows who signed it
            await keeper.HearAsync(CancellationToken.None);
            Assert.Single(keeper.Credentials.Trust.Authorities);
            // For segments that gateways signed in its time, and for nothing else.
            Assert.Equal(before.Authorities[0], keeper.Credentials.Trust.Past[0]);
            Assert.Equal(time + 1, keeper.Credentials.Trust.Past.Count);
            Assert.True(keys.Add(Convert.ToHexString(keeper.Credentials.Papers.SigningKey)));
            Assert.NotNull(keeper.Credentials.Refuse(before.Certificate, Anybody, out _));
            Assert.Null(world.Service<KeyRing>().Document.FormerAuthorityKey);
            Assert.Null(world.Service<KeyRing>().Document.FormerSigningKey);
        }
        Assert.Equal(3, world.Service<KeyRing>().AllSigningKeys.Count());
    }

    [Fact]
    public async Task WhoeverWasAwayForTheWholeOverlap_IsToldToEnrolAgain_AndANewTokenIsEnough()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var file = new IdentityFile(Path.Combine(world.Root, "identity"), new DurableFiles());
        await JoinAsync(world, file: file);
        await Rotation(world).RotateSigning();
        await Rotation(world).RotateAuthority();
        await LaterAsync(world, world.Clock.GetUtcNow() + SuccessionTimes.Overlap);

        var away = NewKeeper(world, Name, () => null, file);
        using var stop = new CancellationTokenSource();
        var said = new SaidLog(stop.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => away.StartAsync(said, stop.Token));
        Assert.Contains("ama control enroll", said.Text);
        Assert.Contains("CA that this process knows", said.Text);

        var ticket = EnrolmentTicket.Of(world.Enrolment(PeerRole.Backend, Name), world.Service<PeerDesk>().OwnAuthority);
        var again = NewKeeper(world, Name, () => ticket, file);
        await again.StartAsync(NullLogger.Instance, CancellationToken.None);
        Assert.NotNull(again.Credentials.Valid);
        await again.HearAsync(CancellationToken.None);
    }

    [Fact]
    public async Task SigningKey_ThatNobodyVouchesFor_IsNotBelieved()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var keeper = await JoinAsync(world);
        await Rotation(world).RotateSigning();
        await LaterAsync(world, world.Clock.GetUtcNow() + SuccessionTimes.Overlap);
        var client = new EnrolmentClient(Region.Eu, world.Options.EnrolmentEndpoint, world.Clock);

        var refused = await Assert.ThrowsAsync<EnrolmentException>(() => client.TrustAsync(
            keeper.Credentials.Trust, keeper.Credentials.Papers.SigningKey, CancellationToken.None));

        Assert.True(refused.NeedsToken);
        Assert.Contains("ama control enroll", refused.Message);
    }

    [Fact]
    public async Task InTime_BothSucceedByThemselves()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var ring = world.Service<KeyRing>();
        var (signing, authority) = (ring.SigningKey, ring.Authorities[0]);
        await Rotation(world).TendSuccession();
        Assert.Equal(signing, ring.SigningKey);
        await LaterAsync(world, ring.Signers.MadeAt + SuccessionTimes.SigningLife);
        await Rotation(world).TendSuccession();
        Assert.Equal(64, ring.SigningKey.Length);
        Assert.Equal([authority], ring.Authorities);
        await LaterAsync(world, ring.AuthorityEnd - SuccessionTimes.AuthorityAhead);
        await Rotation(world).TendSuccession();
        Assert.Equal(2, ring.Authorities.Count);
        Assert.Equal(32, ring.SigningKey.Length);
    }

    /// <summary>The write is in one store only, and so counts: another key would lose the one that everybody knows.</summary>
    [Fact]
    public async Task SuccessionWhoseWriteFailsHalfWay_IsTheOneThatGoesOn()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var ring = world.Service<KeyRing>();
        var (signing, authority) = (ring.SigningKey, ring.Authorities[0]);
        foreach (var renew in (Func<Task>[])[Rotation(world).RotateSigning, Rotation(world).RotateAuthority])
        {
            world.StoreB.FailingPrefix = "keys/eu";
            await Assert.ThrowsAnyAsync<Exception>(renew);
            world.StoreB.FailingPrefix = null;
            await Refusal.IsAsync(ControlRefusal.Invalid, renew);
        }
        var (signers, issuers) = (ring.SigningKey, ring.Authorities);
        Assert.Equal(signing, signers[32..]);
        Assert.Equal(authority, issuers[1]);
        await Rotation(world).TendSuccession();
        await world.RestartAsync();
        Assert.Equal(signers, world.Service<KeyRing>().SigningKey);
        Assert.Equal(issuers, world.Service<KeyRing>().Authorities);
    }

    /// <summary>The list of those who are shut out is kept, signed: a restart while Control is away lets nobody in.</summary>
    [Fact]
    public async Task Threat_39_ExpelledPeer_StaysOut_WhenProductionRestartsWithoutControl()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var folder = Path.Combine(world.Root, "identity");
        var file = new IdentityFile(folder, new DurableFiles());
        var keeper = await JoinAsync(world, file: file);
        var expelled = (await JoinAsync(world, "expelled")).Credentials.Papers.Certificate;
        await world.Service<PeerDesk>().RevokeAsync("backend", "expelled");
        await keeper.HearAsync(CancellationToken.None);
        await world.StopAsync();

        var again = NewKeeper(world, Name, () => null, file);
        await again.StartAsync(NullLogger.Instance, CancellationToken.None);
        Assert.NotNull(again.Credentials.Refuse(expelled, Anybody, out _));
        Assert.Null(again.Credentials.Refuse(keeper.Credentials.Papers.Certificate, Anybody, out _));

        // Changed by somebody, it is no list of Control's.
        var path = Path.Combine(folder, "trust.ama");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Assert.Null(file.ReadTrust(keeper.Credentials.Papers.SigningKey, Region.Eu));
    }

    [Fact]
    public async Task Threat_39_ExpelledPeer_StaysOut_BeforeControlsFirstGrainAnswers()
    {
        await using var world = await ControlWorld.StartNewAsync();
        var expelled = (await JoinAsync(world)).Credentials.Papers.Certificate;
        await world.Service<PeerDesk>().RevokeAsync("backend", Name);
        var early = new List<string?>();
        world.BeforeItListens = services => early.Add(
            services.GetService(typeof(PeerCredentials)) is PeerCredentials own
                ? own.Refuse(expelled, Anybody, out _)
                : null);
        await world.RestartAsync();
        Assert.NotNull(Assert.Single(early));
    }

    private static IRotationGrain Rotation(ControlWorld world) =>
        world.Service<IGrainFactory>().GetGrain<IRotationGrain>(Region.Eu.Text());

    /// <summary>Control's own certificate follows its clock; it looks every ten seconds of it.</summary>
    private static async Task LaterAsync(ControlWorld world, DateTimeOffset then)
    {
        world.Clock.Advance(then - world.Clock.GetUtcNow());
        // A write that was under way at such a leap counts as lost, and the next one is tried seconds later.
        var audit = world.Service<IGrainFactory>().GetGrain<IAuditGrain>(Region.Eu.Text());
        await WaitUntil.AnswerAsync("the audit log", () =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(10));
            return audit.Ready();
        }, ready => ready);
        await world.Service<ControlIdentity>().LookAsync();
    }

    private static async Task<bool> IsSignedForAsync(ControlWorld world, byte[] signingKeys)
    {
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var documents = await world.Directory.Documents();
        return DirectoryDocument.TryVerify(documents.Directory, signingKeys, out _);
    }

    private static bool IsBelieved(PeerPapers by, byte[] certificate, ControlWorld world) =>
        new PeerTrust(by.Authorities, []).TryVerify(certificate, world.Clock.GetUtcNow(), out _);
}
