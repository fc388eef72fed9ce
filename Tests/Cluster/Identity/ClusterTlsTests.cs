using System.Net.Security;
using System.Net.Sockets;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Access;
using AMA.Tests.Cluster.EndToEnd.World;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Hosting;
using Orleans.Runtime;
using Xunit;

namespace AMA.Tests.Cluster.Identity;

/// <summary>
/// A silo of the production cluster, on real ports, and callers with every kind of certificate. Whoever is refused gets
/// no byte of Orleans' protocol, and no grain sees a call.
/// </summary>
public sealed class ClusterTlsTests : IAsyncLifetime
{
    private readonly ForgedPeers _peers = new();
    private readonly CapturedLog _log = new();
    private readonly ClusterPorts _ports = ClusterPorts.PickFree("tls-test");
    private readonly Calls _calls = new();
    private readonly SeenTimers _clock = new();
    private PeerCredentials _own = null!;
    private IHost _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _own = _peers.Good(PeerRole.Backend, _clock);
        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleans(silo => silo
            .UseLocalCluster(_ports, new ClusterTls(_own, PeerRoles.Production))
            .KeepOnly()
            .AddIncomingGrainCallFilter(_calls));
        _silo = builder.Build();
        await _silo.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        _silo.Dispose();
        _peers.Dispose();
    }

    [Theory]
    [InlineData(PeerRole.Gateway)]
    [InlineData(PeerRole.Web)]
    [InlineData(PeerRole.Backend)]
    public async Task RightRole_IsServed(PeerRole role)
    {
        await using var client = Client(_peers.Good(role));
        await client.StartAsync(default);
        await client.Ready.WaitAsync(WaitUntil.DeadlineDefault);
        await client.Client.GetGrain<IManagementGrain>(0).GetHosts();
        Assert.True(_calls.Seen > 0);
    }

    [Theory]
    [InlineData(PeerRole.Control, null, "no business here")]
    [InlineData(PeerRole.Gateway, "foreign", "foreign, run out")]
    [InlineData(PeerRole.Gateway, "expired", "foreign, run out")]
    [InlineData(PeerRole.Gateway, "region", "another region")]
    public async Task Threat_39_WrongCertificate_OnTheGatewayPort_ReachesNoGrain(
        PeerRole role, string? flaw, string reason)
    {
        await RefusedAsync(_ports.GatewayPort, _peers.Holding(role, "bad", flaw), reason);
    }

    [Theory]
    [InlineData(PeerRole.Gateway)]
    [InlineData(PeerRole.Web)]
    [InlineData(PeerRole.Control)]
    public async Task Threat_39_ClientsCertificate_OnTheSiloPort_IsRefused(PeerRole role) =>
        await RefusedAsync(_ports.SiloPort, _peers.Good(role), "no business here");

    [Fact]
    public async Task Threat_39_MissingCertificate_IsRefused()
    {
        await RefusedAsync(_ports.GatewayPort, null, "no certificate was shown");
        await RefusedAsync(_ports.SiloPort, null, "no certificate was shown");
    }

    [Fact]
    public async Task Threat_39_PlainConnection_GetsNoAnswer()
    {
        var seen = _calls.Seen;
        using var plain = new TcpClient();
        await plain.ConnectAsync(_ports.Gateway);
        await plain.GetStream().WriteAsync("this is no handshake, it is long enough to be none"u8.ToArray());
        Assert.Equal(0, await ReadToEndAsync(plain.GetStream()));
        Assert.Equal(seen, _calls.Seen);
    }

    [Fact]
    public async Task Threat_39_RevokedPeer_IsCutOff_AndRefusedFromThenOn()
    {
        var credentials = _peers.Holding(PeerRole.Gateway, "stolen");
        using var connection = await ConnectAsync(_ports.GatewayPort, credentials);
        _peers.ShutOut(_own, PeerRole.Gateway, "stolen");
        await ReadToEndAsync(connection);
        await RefusedAsync(_ports.GatewayPort, credentials, "revoked");
    }

    [Fact]
    public async Task Threat_39_ConnectionEnds_SoonAfterThePeersCertificate()
    {
        var credentials = _peers.Good(PeerRole.Gateway);
        using var connection = await ConnectAsync(_ports.GatewayPort, credentials);
        await WaitUntil.TrueAsync("the silo to let it in", () => _clock.Timers > 0);
        var end = ReadToEndAsync(connection);
        _clock.Advance(credentials.Papers.NotAfter - _clock.GetUtcNow() + TimeSpan.FromMinutes(4));
        Assert.False(end.IsCompleted); // clocks differ by as much

        _clock.Advance(TimeSpan.FromMinutes(2));
        await end;
    }

    [Fact]
    public async Task Threat_39_ClientMeetsAServerOfTheWrongRole_AndGoesNoFurther()
    {
        await using var client = Client(_peers.Good(PeerRole.Web), PeerRoles.Control);
        await client.StartAsync(default);
        await WaitUntil.TrueAsync("the client's refusal", () => _log.Has("spiffe://ama/eu/backend/good has no business"));
        Assert.False(client.Ready.IsCompleted);
    }

    [Fact]
    public async Task Renewal_IsSeenByTheNextHandshake()
    {
        using var before = await ConnectAsync(_ports.GatewayPort, _peers.Good(PeerRole.Gateway));
        var renewed = _peers.Holding(PeerRole.Backend, "renewed").Papers;
        _own.Set(renewed, _own.Papers.Authorities, []);
        using var after = await ConnectAsync(_ports.GatewayPort, _peers.Good(PeerRole.Gateway));
        Assert.NotEqual(renewed.Certificate, before.RemoteCertificate!.GetRawCertData());
        Assert.Equal(renewed.Certificate, after.RemoteCertificate!.GetRawCertData());
    }

    private async Task RefusedAsync(int port, PeerCredentials? credentials, string reason)
    {
        var seen = _calls.Seen;
        using var connection = await ConnectAsync(port, credentials);
        Assert.Equal(0, await ReadToEndAsync(connection));
        await WaitUntil.TrueAsync($"the log to say: {reason}", () => _log.Has(reason));
        Assert.Equal(seen, _calls.Seen);
    }

    /// <summary>In TLS 1.3 the client is done before the server has looked at its certificate.</summary>
    private static async Task<SslStream> ConnectAsync(int port, PeerCredentials? credentials)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port);
        var stream = new SslStream(tcp.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "ama",
            ClientCertificateContext = credentials?.Shown,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return stream;
    }

    /// <summary>Bytes until the other side has closed, however it did.</summary>
    private static async Task<int> ReadToEndAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(WaitUntil.DeadlineDefault);
        var (total, buffer) = (0, new byte[1024]);
        try
        {
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read) total += read;
        }
        catch (IOException)
        {
            // Reset instead of closed.
        }
        return total;
    }

    private RemoteCluster Client(PeerCredentials own, PeerRoles? roles = null) => new(
        "tls-test", LoggerFactory.Create(logging => logging.AddProvider(_log)),
        client => client.UseLocalClient(_ports, new ClusterTls(own, roles ?? PeerRoles.Production)));

    private sealed class SeenTimers() : FakeTimeProvider(ForgedPeers.Now)
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }

    private sealed class Calls : IIncomingGrainCallFilter
    {
        private int _seen;

        public int Seen => Volatile.Read(ref _seen);

        public Task Invoke(IIncomingGrainCallContext context)
        {
            // Silos talk to themselves all the time; what a client calls is a grain's interface.
            if (context.InterfaceMethod?.DeclaringType == typeof(IManagementGrain)) Interlocked.Increment(ref _seen);
            return context.Invoke();
        }
    }
}
