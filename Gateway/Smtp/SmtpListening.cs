using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Receiving;
using AMA.Gateway.Smtp.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AMA.Gateway.Smtp;

/// <summary>Kestrel with the two SMTP endpoints and nothing else: no HTTP is spoken here.</summary>
internal static class SmtpListening
{
    /// <summary>Needs an <c>ISpool</c> and an <see cref="IRecipientBook"/> among the services.</summary>
    public static void AddSmtpListening(
        this WebApplicationBuilder builder, SmtpGatewayOptions options, SmtpGatewayParts parts)
    {
        var endpoints = new SmtpEndpoints();
        builder.Services.AddSingleton(options).AddSingleton(parts.Time).AddSingleton(endpoints)
            .AddSingleton(new HeldBudget(options.HeldBytesMax))
            .AddSingleton<MessageReceiver>()
            .AddSingleton<SmtpConnectionHandler>()
            .AddSingleton<OpenSessions>()
            .AddHostedService(services => services.GetRequiredService<OpenSessions>())
            .AddSingleton(services => SettingsOf(options, parts, services.GetRequiredService<IRecipientBook>()))
            .Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.StopSecondsMax));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = null; // Kestrel would close without a word; we say 421
            endpoints.StartTls = Listen(kestrel, options.Endpoint, implicitTls: false);
            endpoints.ImplicitTls = Listen(kestrel, options.ImplicitTlsEndpoint, implicitTls: true);
        });
    }

    private static ListenOptions Listen(KestrelServerOptions kestrel, IPEndPoint endpoint, bool implicitTls)
    {
        ListenOptions? listening = null;
        kestrel.Listen(endpoint, listen =>
        {
            listening = listen;
            var services = listen.ApplicationServices; // asked late: they are not all there yet
            listen.Run(connection =>
                services.GetRequiredService<SmtpConnectionHandler>().ServeAsync(connection, implicitTls));
        });
        return listening!;
    }

    private static SessionSettings SettingsOf(
        SmtpGatewayOptions options, SmtpGatewayParts parts, IRecipientBook book) => new(
        new SmtpRules(options.HostName, options.MessageBytesMax, options.RecipientsMax, options.ErrorsMax),
        new WireLimits(TimeSpan.FromSeconds(options.IdleSeconds), TimeSpan.FromSeconds(options.HandshakeSecondsMax)),
        TlsOf(parts), book, parts.Time);

    private static SslServerAuthenticationOptions TlsOf(SmtpGatewayParts parts) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(parts.Certificate, parts.Chain, offline: true),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(Suites) : null,
    };

    /// <summary>Forward secrecy and authenticated encryption, or nothing.</summary>
    private static readonly TlsCipherSuite[] Suites =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];
}

/// <summary>The endpoints as Kestrel bound them.</summary>
internal sealed class SmtpEndpoints
{
    public ListenOptions? StartTls { get; set; }
    public ListenOptions? ImplicitTls { get; set; }

    public SmtpPorts Ports => new(StartTls?.IPEndPoint?.Port ?? 0, ImplicitTls?.IPEndPoint?.Port ?? 0);
}
