using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Archive.Blobs;
using AMA.Gateway.Smtp.Link;
using AMA.Gateway.Smtp.Metering;
using AMA.Gateway.Smtp.Protocol;
using AMA.Gateway.Smtp.Spooling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AMA.Gateway.Smtp;

/// <summary>Builds the SMTP gateway. The caller starts and stops it; signals are the caller's business.</summary>
public static class SmtpGatewayHost
{
    /// <summary>
    /// A gateway that listens once started. It may be started before the production cluster is up: until its
    /// directory has come (<see cref="ReadyAsync"/>), recipients are put off with 450. Stopping it lets running
    /// transactions finish, at most <see cref="SmtpGatewayOptions.StopSecondsMax"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The parts don't fit the options.</exception>
    public static WebApplication Build(SmtpGatewayOptions options, SmtpGatewayParts parts)
    {
        var copies = options.CopiesRequired == 0 ? parts.Spool.Count : options.CopiesRequired;
        if (parts.Spool.Count == 0 || copies > parts.Spool.Count)
            throw new ArgumentException($"{copies} spool copies are required of {parts.Spool.Count} stores");
        var builder = NewBuilder(parts);
        AddLink(builder.Services, options, parts);
        AddSpool(builder.Services, options, parts, copies);
        builder.AddSmtpListening(options, parts);
        return Finish(builder);
    }

    /// <summary>The real ports of a started gateway, also when the settings say 0.</summary>
    public static SmtpPorts BoundPorts(WebApplication app) => app.Services.GetRequiredService<SmtpEndpoints>().Ports;

    /// <summary>
    /// Returns when the gateway has enrolled and has its first directory: from then on it takes mail.
    /// </summary>
    public static Task ReadyAsync(WebApplication app, CancellationToken cancel) =>
        app.Services.GetRequiredService<GatewayStanding>().Ready.WaitAsync(cancel);

    internal static WebApplicationBuilder NewBuilder(SmtpGatewayParts parts)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Host.UseDefaultServiceProvider(provider =>
            (provider.ValidateScopes, provider.ValidateOnBuild) = (true, true));
        parts.Logging(builder.Logging);
        // It would announce our endpoints as "http://…".
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        return builder;
    }

    /// <summary>No HTTP pipeline is ever run: the endpoints speak SMTP only.</summary>
    internal static WebApplication Finish(WebApplicationBuilder builder) => builder.Build();

    private static void AddLink(IServiceCollection services, SmtpGatewayOptions options, SmtpGatewayParts parts)
    {
        services.AddRemoteCluster(ClusterBackEnd.ClusterName, parts.ConfigureCluster);
        services.AddSingleton(new GatewayLinkSettings(parts.Region))
            .AddSingleton(parts.Identity)
            .AddSingleton(new GatewayOwn(parts.Identity.Credentials, new(parts.PapersDirectory, parts.Files)))
            .AddSingleton(parts.Identity.Credentials)
            .AddSingleton(parts.Random)
            .AddSingleton(new Backoff(parts.Random, parts.Time))
            .AddSingleton(new GatewayStanding(
                TimeSpan.FromSeconds(options.DirectoryAgeSecondsMax), parts.Time, options.OtherRegionDomains))
            .AddSingleton<IDirectoryBook>(provider => provider.GetRequiredService<GatewayStanding>())
            .AddSingleton<ISourceCredentials>(provider => provider.GetRequiredService<GatewayStanding>())
            .AddSingleton<IBackEnd, ClusterBackEnd>()
            .AddSingleton<ISpoolHint, SpoolReaderHint>()
            .AddHostedService<PeerRenewal>()
            .AddHostedService<GatewayLink>();
    }

    private static void AddSpool(
        IServiceCollection services, SmtpGatewayOptions options, SmtpGatewayParts parts, int copies)
    {
        IBlobStore[] stores = [.. parts.Spool.Select(store => new GuardedStore(store, options.FreePercentMin, parts.Time))];
        services.AddSingleton(provider => new SpoolCopies(
            stores, copies, TimeSpan.FromSeconds(options.StoreSecondsMax), parts.Time,
            provider.GetRequiredService<ILogger<SpoolCopies>>()));
        services.AddSingleton(provider => new SegmentMaker(
            provider.GetRequiredService<GatewayStanding>(), parts.Region, parts.Random, parts.Time));
        services.AddSingleton<GroupCommitSpool>().AddSingleton<ISpool>(provider => new MeteredSpool(
            provider.GetRequiredService<GroupCommitSpool>(), provider.GetRequiredService<SmtpMeters>(), parts.Time));
    }
}

/// <summary>
/// The process's signals belong to whoever starts this host; the usual lifetime would answer them by itself.
/// </summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancel) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;
}

public readonly record struct SmtpPorts(int StartTls, int ImplicitTls);
