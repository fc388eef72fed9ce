using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Tls;
using AMA.Archive.Blobs;
using AMA.Grains.Control;
using AMA.Grains.Control.Keys;
using AMA.Grains.Control.Survival;
using AMA.Silo.Control.Admin;
using AMA.Silo.Control.Identity;
using AMA.Silo.Control.Roots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace AMA.Silo.Control;

/// <summary>
/// The control silo. The embedded host asks its services, once it has started, for
/// <see cref="AMA.Grains.Control.Identity.EnrolmentTokens"/>.
/// </summary>
public static class ControlSilo
{
    /// <summary>How long a stopping silo may take before it is cut off.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    public static IHost Build(ControlSiloOptions options, ControlSiloParts parts)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.ConfigureContainer(new DefaultServiceProviderFactory(
            new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true }));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddLogging(parts.Logging);
        var credentials = new PeerCredentials(options.Region, parts.Time);
        builder.Services.AddSingleton(credentials);
        builder.UseOrleans(silo => silo
            .UseLocalCluster(parts.Ports, new ClusterTls(credentials, PeerRoles.Control))
            .AddControl(options, parts));
        return builder.Build();
    }

    /// <summary>Everything of the control silo but where it listens.</summary>
    public static ISiloBuilder AddControl(this ISiloBuilder silo, ControlSiloOptions options, ControlSiloParts parts)
    {
        var services = silo.Services;
        services.AddSingleton(options);
        services.AddSingleton(parts);
        services.Replace(ServiceDescriptor.Singleton(parts.Time));
        services.AddSingleton(parts.Random);
        services.AddSingleton<ControlStores>();
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<ControlStores>().Both);
        services.AddSingleton(provider => provider.GetRequiredService<ControlStores>().Round);
        services.AddSingleton(provider => provider.GetRequiredService<ControlStores>().Marks);
        services.AddSingleton<ControlKeys>();
        services.AddSingleton<SilentRoots>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            provider => provider.GetRequiredService<SilentRoots>());
        services.AddSingleton(provider => provider.GetRequiredService<ControlStores>().Audit);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ControlStart>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, AuditStart>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, WrapMarkLoop>();
        services.AddIdentity(options, parts);
        services.AddSingleton(new ControlOptions
        {
            Region = options.Region,
            LeaseTtlSeconds = options.LeaseTtlSeconds,
            SessionLife = TimeSpan.FromHours(options.SessionHours),
            SecondFactorMayBeOff = options.SecondFactorMayBeOff,
            CertificateLife = TimeSpan.FromHours(options.CertificateHours),
        });
        services.AddSingleton<IErasureReplay>(_ => new BackupLogReplay(
            options.RecoveryBackup is { } directory ? parts.OpenStore(directory) : null));
        services.AddControlGrains();
        services.AddSingleton<AdminGate>();
        services.AddSingleton<IStatusPart, ControlStatus>();
        services.AddSingleton<IStatusPart, CertificateStatus>();
        services.AddSingleton<IAdminRoutes, StatusRoutes>();
        services.AddSingleton<IAdminRoutes, AuditRoutes>();
        services.AddSingleton<RootMigration>();
        services.AddSingleton<IAdminRoutes, RootRoutes>();
        services.AddSingleton<IStatusPart, RootStatus>();
        services.AddSingleton<IAdminRoutes, RevocationRoutes>();
        services.AddSingleton<IAdminRoutes, PeerRoutes>();
        services.AddSingleton<IAdminRoutes, RecoveryRoutes>();
        services.AddSingleton<IAdminRoutes, RotationRoutes>();
        services.AddSingleton<IAdminRoutes, TokenRoutes>();
        services.AddSingleton<IStatusPart, SurvivalStatus>();
        services.AddSingleton<IStatusPart, ReplayStatus>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, AdminService>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SurvivalRounds>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RefusalRounds>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ReplayLoop>();
        services.AddKeyedSingleton<IGrainStorage>(ControlStorage.Name, (provider, _) => Storage(provider));
        return silo.KeepSystemTime().KeepOnly(typeof(ControlOptions).Assembly);
    }

    private static void AddIdentity(
        this IServiceCollection services, ControlSiloOptions options, ControlSiloParts parts)
    {
        services.TryAddSingleton(new PeerCredentials(options.Region, parts.Time));
        services.AddSingleton<ControlIdentity>();
        services.AddSingleton<EnrolmentServer>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            provider => provider.GetRequiredService<ControlIdentity>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            provider => provider.GetRequiredService<EnrolmentServer>());
    }

    private static BlobGrainStorage Storage(IServiceProvider provider)
    {
        using var key = provider.GetRequiredService<KeyRing>().Derive("ama/control-state@v1");
        var seal = new StateSeal(key, provider.GetRequiredService<ControlSiloParts>().Random, ControlStorage.Erasable)
        {
            Passing = ControlStorage.Passing,
        };
        return new BlobGrainStorage(
            provider.GetRequiredService<IBlobStore>(), seal, new JsonStateSerializer(ControlJson.Default));
    }
}
