using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace AMA.Adapters.Hosting.Metrics;

/// <summary>
/// Answers <c>/metrics</c> for all meters of this process, on a listener of its own: no other door leads to it and it
/// leads to nothing else. docs/metrics.md.
/// </summary>
public sealed class MetricsListener : IAsyncDisposable
{
    private const string Path = "/metrics";

    /// <summary>A scraper needs one; more are somebody's mistake.</summary>
    private const int ConnectionsMax = 16;

    private const string Scheme = "Bearer ";

    private readonly WebApplication? _app;

    private MetricsListener(WebApplication? app) => _app = app;

    /// <summary>Where it answers; null: it is off.</summary>
    public Uri? Address => _app is null ? null : new(_app.Urls.First());

    /// <summary>Listens when this returns, or does nothing if it is off.</summary>
    public static async Task<MetricsListener> StartAsync(MetricsOptions options, Action<ILoggingBuilder> logging)
    {
        if (options is not { Endpoint: { } endpoint, Address: { } address }) return new(null);
        var builder = WebApplication.CreateEmptyBuilder(new());
        logging(builder.Logging);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // The process's signals are its program's business.
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>().AddRoutingCore();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter([.. MeterNames.All])
            .AddPrometheusExporter(exporter => exporter.ScrapeEndpointPath = Path));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Listen(address, endpoint.Port, listen => Secure(listen, endpoint, options));
        });
        var app = builder.Build();
        if (options.TokenHash() is { } token) app.Use((context, next) => GuardAsync(context, next, token));
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path);
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Secure(ListenOptions listen, Uri endpoint, MetricsOptions options)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (endpoint.Scheme != Uri.UriSchemeHttps) return;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.Certificate!);
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = X509Certificate2.CreateFromPemFile(options.Certificate!),
            ServerCertificateChain = chain,
        });
    }

    private static Task GuardAsync(HttpContext context, RequestDelegate next, byte[] token)
    {
        var shown = context.Request.Headers.Authorization.ToString();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(
            shown.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? shown[Scheme.Length..] : ""));
        if (CryptographicOperations.FixedTimeEquals(hash, token)) return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancel) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }
}
