using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Grains.Control.Identity;
using AMA.Grains.Interfaces.Control;
using AMA.Silo.Control.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace AMA.Silo.Control.Identity;

/// <summary>
/// The one door of Control that needs no certificate: where processes get theirs, against a one-time token, and a new
/// one for the one before. HTTPS with a certificate of the region's CA.
/// </summary>
internal sealed class EnrolmentServer(
    ControlSiloOptions options, ControlSiloParts parts, PeerCredentials credentials, IServiceProvider services)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private const int BodyBytesMax = 16 * 1024;
    private const int ConnectionsMax = 256;
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(10);
    private static readonly EnrolmentJson Json = EnrolmentJson.Default;

    private readonly EnrolmentLimit _limit = new(parts.Time);
    private WebApplication? _app;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(EnrolmentServer), ServiceLifecycleStage.Last, StartAsync, StopAsync);

    /// <summary>The real port, also where the settings say 0.</summary>
    public IPEndPoint Endpoint => new(
        options.EnrolmentEndpoint.Address, new Uri((_app ?? throw NotStarted()).Urls.First()).Port);

    private async Task StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        parts.Logging(builder.Logging);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Error);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Listen);
        _app = builder.Build();
        _app.UseMiddleware<AdminProblems>();
        Map(_app, services.GetRequiredService<PeerDesk>());
        await _app.StartAsync(cancel);
    }

    private async Task StopAsync(CancellationToken cancel)
    {
        if (_app is null) return;
        await _app.StopAsync(cancel);
        await _app.DisposeAsync();
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Listen(options.EnrolmentEndpoint, listener => listener.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeMax,
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = credentials.Shown,
                EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
            }),
        }));
    }

    private void Map(IEndpointRouteBuilder routes, PeerDesk desk)
    {
        routes.MapGet("/v1/trust", async context => await AnswerAsync(context, await TrustAsync(desk)));
        routes.MapPost("/v1/enrol", async context =>
        {
            RefuseFlood(_limit.TryTake(context.Connection.RemoteIpAddress));
            var body = await context.Request.ReadFromJsonAsync(Json.EnrolBody, context.RequestAborted) ?? throw NoBody();
            await IssuedAsync(context, desk, await desk.EnrolAsync(body.Token, body.Role, body.Name, body.Request));
        });
        routes.MapPost("/v1/renew", async context =>
        {
            var body = await context.Request.ReadFromJsonAsync(Json.RenewBody, context.RequestAborted) ?? throw NoBody();
            RefuseFlood(desk.HolderOf(body.Certificate, body.Request, body.Signature) is { } holder
                ? _limit.TryTake(holder)
                : _limit.TryTake(context.Connection.RemoteIpAddress));
            await IssuedAsync(
                context, desk, await desk.RenewAsync(body.Certificate, body.Request, body.Signature));
        });
    }

    private static void RefuseFlood(bool isTaken)
    {
        if (!isTaken)
            throw new Microsoft.AspNetCore.Http.BadHttpRequestException(
                "too many at once; try again.", StatusCodes.Status429TooManyRequests);
    }

    private static async Task IssuedAsync(HttpContext context, PeerDesk desk, Enrolment issued) =>
        await context.Response.WriteAsJsonAsync(
            new IssuedNews(issued.Certificate, await TrustAsync(desk)), Json.IssuedNews, null, context.RequestAborted);

    private static Task AnswerAsync(HttpContext context, TrustNews news) =>
        context.Response.WriteAsJsonAsync(news, Json.TrustNews, null, context.RequestAborted);

    private static async Task<TrustNews> TrustAsync(PeerDesk desk)
    {
        var (document, signed) = await desk.TrustAsync();
        return new(document.Authorities, document.SigningKeys, signed);
    }

    private static ControlException NoBody() => new(ControlRefusal.Invalid, "The request has no body.");

    private static InvalidOperationException NotStarted() => new("the enrolment endpoint is not open yet");
}
