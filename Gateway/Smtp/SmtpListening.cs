using System.Net;
using AMA.Gateway.Smtp.Metering;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Receiving;
using AMA.Gateway.Smtp.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp;

/// <summary>Kestrel with the two SMTP endpoints and nothing else: no HTTP is spoken here.</summary>
internal static class SmtpListening
{
    /// <summary>
    /// Needs an <c>ISpool</c> and an <see cref="IDirectoryBook"/> among the services; with an
    /// <see cref="ISourceCredentials"/> AUTH is offered.
    /// </summary>
    public static void AddSmtpListening(
        this WebApplicationBuilder builder, SmtpGatewayOptions options, SmtpGatewayParts parts)
    {
        var endpoints = new SmtpEndpoints();
        builder.Services.AddSingleton(options).AddSingleton(parts.Time).AddSingleton(endpoints)
            .AddSingleton(new HeldBudget(options.HeldBytesMax))
            .AddSingleton<MessageReceiver>()
            .AddSingleton(services => new CertificateShelf(
                options, parts, services.GetRequiredService<ILogger<CertificateShelf>>()))
            .AddHostedService(services => services.GetRequiredService<CertificateShelf>())
            .AddSingleton<SmtpConnectionHandler>()
            .AddSingleton<OpenSessions>()
            .AddSingleton<SmtpMeters>()
            .AddHostedService(services => services.GetRequiredService<OpenSessions>())
            .AddSingleton(services => SettingsOf(options, parts, services))
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.StopTimeMax);
        // A session goes on where its octets came in: it never blocks, and each hop to another thread costs as much as
        // a command.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
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

    private static SessionSettings SettingsOf(SmtpGatewayOptions options, SmtpGatewayParts parts, IServiceProvider services)
    {
        var rules = new SmtpRules(options.HostName, options.MessageBytesMax, options.RecipientsMax, options.ErrorsMax)
        {
            CommandsMax = options.CommandsMax,
            TarpitMax = TimeSpan.FromSeconds(options.TarpitSecondsMax),
        };
        var limits = new WireLimits(
            TimeSpan.FromSeconds(options.IdleSeconds), TimeSpan.FromSeconds(options.HandshakeSecondsMax),
            TimeSpan.FromSeconds(options.SessionSeconds), TimeSpan.FromSeconds(options.StopSecondsMax),
            options.MinimumBytesPerSecond,
            TimeSpan.FromMilliseconds(options.BannerDelayMilliseconds));
        return new SessionSettings(
            rules, limits, services.GetRequiredService<CertificateShelf>().SelectAsync,
            services.GetRequiredService<IDirectoryBook>(), services.GetService<ISourceCredentials>(), parts.Time)
        {
            ProxyFrom = options.ProxyFrom,
        };
    }
}

/// <summary>The endpoints as Kestrel bound them.</summary>
internal sealed class SmtpEndpoints
{
    public ListenOptions? StartTls { get; set; }
    public ListenOptions? ImplicitTls { get; set; }

    public SmtpPorts Ports => new(StartTls?.IPEndPoint?.Port ?? 0, ImplicitTls?.IPEndPoint?.Port ?? 0);
}
