using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AMA.Archive.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace AMA.Adapters.Hosting.Tls;

/// <summary>
/// Mutual TLS on every connection of a cluster, as connection middleware: both sides show a certificate of the region's
/// CA, and both look at the other's role. There is no plain form.
/// </summary>
/// <param name="roles">Of the cluster that is connected to, or that this silo is part of.</param>
public sealed class ClusterTls(PeerCredentials own, PeerRoles roles)
{
    /// <summary>In real time: a peer that is silent for so long gets nothing more.</summary>
    private static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(10);

    /// <summary>Never looked up nor compared: a peer's name is in its certificate's URI.</summary>
    private const string ServerName = "ama";

    private const int ReadBytes = 32 * 1024;
    private const int WriteBytes = 16 * 1024;

    private readonly OpenPeers _open = new(own);

    public void Secure(ISiloBuilder silo) => silo.Configure<SiloConnectionOptions>(options =>
    {
        options.ConfigureSiloOutboundConnection(Connect(roles.OnSiloPort));
        options.ConfigureSiloInboundConnection(Accept(roles.OnSiloPort));
        options.ConfigureGatewayInboundConnection(Accept(roles.OnGatewayPort));
    });

    public void Secure(IClientBuilder client) => client.Configure<ClientConnectionOptions>(
        options => options.ConfigureConnection(Connect(roles.OnSiloPort)));

    private Action<IConnectionBuilder> Connect(PeerRole[] servers) => Use(servers, (stream, check, cancel) =>
        stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            ClientCertificateContext = own.Shown,
            EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
            CertificateChainPolicy = NoLookups(),
            RemoteCertificateValidationCallback = check,
            AllowTlsResume = false, // a resumed session would show no certificate
        }, cancel));

    private Action<IConnectionBuilder> Accept(PeerRole[] clients) => Use(clients, (stream, check, cancel) =>
        stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = own.Shown,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
            CertificateChainPolicy = NoLookups(),
            RemoteCertificateValidationCallback = check,
            AllowTlsResume = false,
        }, cancel));

    private delegate Task Handshake(
        SslStream stream, RemoteCertificateValidationCallback check, CancellationToken cancel);

    private Action<IConnectionBuilder> Use(PeerRole[] peers, Handshake handshake) => builder =>
    {
        var log = builder.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger<ClusterTls>();
        builder.Use(next => connection => RunAsync(connection, next, peers, handshake, log));
    };

    private async Task RunAsync(
        ConnectionContext connection, ConnectionDelegate next, PeerRole[] peers, Handshake handshake, ILogger log)
    {
        var bare = connection.Transport;
        await using var stream = new SslStream(new TransportStream(bare), leaveInnerStreamOpen: true);
        if (await ShakeHandsAsync(stream, connection, peers, handshake, log) is not { } peer)
        {
            connection.Abort();
            return;
        }
        var (input, output) = (
            PipeReader.Create(stream, new(bufferSize: ReadBytes, leaveOpen: true)),
            PipeWriter.Create(stream, new(minimumBufferSize: WriteBytes, leaveOpen: true)));
        _open.Add(connection, peer);
        try
        {
            connection.Transport = new Pipes(input, output);
            await next(connection);
        }
        finally
        {
            _open.Remove(connection);
            connection.Transport = bare;
            await input.CompleteAsync();
            await output.CompleteAsync();
        }
    }

    /// <summary>The peer, or null when it was refused, which the log tells and the peer doesn't learn.</summary>
    private async Task<TrustedPeer?> ShakeHandsAsync(
        SslStream stream, ConnectionContext connection, PeerRole[] peers, Handshake handshake, ILogger log)
    {
        TrustedPeer? peer = null;
        string? refused = null;
        using var limit = new CancellationTokenSource(HandshakeMax);
        try
        {
            // What the system thinks of the chain doesn't count: it knows neither our CA nor our clock.
            await handshake(stream, (_, shown, _, _) =>
            {
                refused = own.Refuse(shown?.GetRawCertData(), peers, out peer);
                return refused is null;
            }, limit.Token);
            return refused is null ? peer : null;
        }
        catch (Exception fault)
        {
            TlsLog.Refused(log, connection.RemoteEndPoint, refused ?? fault.Message);
            return null;
        }
    }

    private static X509ChainPolicy NoLookups() => new()
    {
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
