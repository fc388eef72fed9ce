using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Gateway.Web.Audit;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Deliveries;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Hardening;
using AMA.Gateway.Web.Health;
using AMA.Gateway.Web.Home;
using AMA.Gateway.Web.Jobs;
using AMA.Gateway.Web.Messages;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using AMA.Gateway.Web.Status;
using AMA.Gateway.Web.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Web;

/// <summary>Builds the REST gateway. The caller starts and stops it; signals are the caller's business.</summary>
public static class WebGatewayHost
{
    /// <summary>
    /// A gateway that listens once started; <see cref="WebApplication.Urls"/> then tells the real port. It may be
    /// started before either cluster is up: until they connect, what needs them answers 503. Throws
    /// <see cref="ArgumentException"/> when <see cref="WebGatewayOptions.Problems"/> is not empty.
    /// </summary>
    public static WebApplication Build(WebGatewayOptions options, WebGatewayParts parts) =>
        Build(options, parts, services =>
        {
            services.AddSingleton(parts.Identity).AddHostedService<PeerRenewal>();
            services.AddRemoteCluster(RemoteClusters.Production, parts.ConfigureProduction);
            services.AddRemoteCluster(RemoteClusters.Control, parts.ConfigureControl);
            services.AddSingleton<IClusters, RemoteClusters>();
        });

    internal static WebApplication Build(
        WebGatewayOptions options, WebGatewayParts parts, Action<IServiceCollection> addClusters)
    {
        if (options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        // Empty: no second reading of settings files, no listening address from the environment, no signal handlers.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "AMA.Gateway.Web" });
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateScopes = provider.ValidateOnBuild = true);
        AddLogging(builder.Logging, parts);
        AddServer(builder.WebHost, options);
        AddServices(builder.Services, options, parts);
        addClusters(builder.Services);
        var app = builder.Build();
        UsePipeline(app);
        MapRoutes(app);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging, WebGatewayParts parts)
    {
        parts.Logging(logging);
        // The framework's request lines carry the query string, and that is what somebody looked for in whose mail.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
    }

    private static void AddServer(IWebHostBuilder web, WebGatewayOptions options)
    {
        web.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            ServerLimits.Set(kestrel, options.ConnectionsMax);
            options.TryAddress(out var address);
            kestrel.Listen(address!, listener => AddTls(listener, options));
        });
    }

    private static void AddTls(ListenOptions listener, WebGatewayOptions options)
    {
        if (options.Endpoint.Scheme != Uri.UriSchemeHttps) return;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.Certificate!);
        listener.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = X509Certificate2.CreateFromPemFile(options.Certificate!),
            ServerCertificateChain = chain,
        });
    }

    private static void AddServices(IServiceCollection services, WebGatewayOptions options, WebGatewayParts parts)
    {
        services.AddSingleton(parts).AddSingleton(parts.Time).AddRouting();
        services.AddSingleton<IHostLifetime, CallersLifetime>();
        services.AddSingleton<DirectoryNews>().AddSingleton<OperatorGrants>();
        services.AddSingleton(options).AddSingleton<AccountLimit>().AddSingleton<ShownCredentials>();
        services.AddHttpContextAccessor();
        // A request that can't be bound is a problem with a body of its own, not a bare status.
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(SetJson);
        SignInLimit.Add(services, options.SignInsPerMinuteMax);
        ApiDocument.Add(services);
    }

    private static void SetJson(JsonOptions json)
    {
        var serializer = json.SerializerOptions;
        serializer.RespectNullableAnnotations = true;
        serializer.RespectRequiredConstructorParameters = true;
        serializer.NumberHandling = JsonNumberHandling.Strict;
        serializer.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
    }

    private static void UsePipeline(WebApplication app)
    {
        app.Use(AnswerHeaders.InvokeAsync);
        app.UseMiddleware<ProblemAnswers>();
        app.UseStatusCodePages(ProblemAnswers.AnswerStatusAsync);
        app.UseRouting();
        app.UseRateLimiter();
    }

    private static void MapRoutes(WebApplication app)
    {
        var v1 = app.MapGroup("/v1");
        v1.MapTenants();
        v1.MapUsers();
        v1.MapSources();
        v1.MapSession();
        v1.MapOwnAccount();
        v1.MapMessages();
        v1.MapJobs();
        v1.MapErasures();
        v1.MapHolds();
        v1.MapDeliveries();
        v1.MapStatus();
        v1.MapAudit();
        app.MapHealth();
        app.MapHome();
        app.MapOpenApi(ApiDocument.Route);
    }

    /// <summary>The embedding host decides when to stop: several hosts that each listen for Ctrl-C race.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancel) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
    }
}
