using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Adapters.Hosting.Tls;
using AMA.Grains.Archive;
using AMA.Grains.Archive.Archive;
using AMA.Grains.Archive.Deliveries;
using AMA.Grains.Archive.Erasure;
using AMA.Grains.Archive.Index;
using AMA.Grains.Archive.Ingest;
using AMA.Grains.Archive.Leases;
using AMA.Grains.Archive.Metering;
using AMA.Grains.Archive.Regions;
using AMA.Grains.Archive.Reseal;
using AMA.Grains.Archive.Search;
using AMA.Grains.Archive.Spool;
using AMA.Grains.Archive.Storage;
using AMA.Grains.Archive.Threads;
using AMA.Search;
using AMA.Search.Sealed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AMA.Silo.Archive;

/// <summary>Builds the back-end silo: the only process that holds leased keys. The caller starts and stops it.</summary>
public static class ArchiveSilo
{
    public static IHost Build(ArchiveSiloParts parts)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        builder.ConfigureContainer(new DefaultServiceProviderFactory(
            new() { ValidateScopes = true, ValidateOnBuild = true }));
        parts.Logging(builder.Logging);
        // The client of Control stops last: leases are given back through it.
        builder.Services.AddRemoteCluster(ClusterNames.Control, parts.ConfigureControl);
        builder.UseOrleans(silo => silo
            .UseLocalCluster(parts.Ports, new ClusterTls(parts.Identity.Credentials, PeerRoles.Production))
            .KeepOnly(typeof(ArchiveGrain).Assembly)
            .AddIncomingGrainCallFilter<InnerCalls>()
            .AddOutgoingGrainCallFilter<InnerCalls>());
        AddMachine(builder.Services, parts);
        AddKeys(builder.Services, parts);
        AddWork(builder.Services, parts);
        return builder.Build();
    }

    private static void AddMachine(IServiceCollection services, ArchiveSiloParts parts) => services
        .AddSingleton(parts.Time)
        .AddSingleton(parts.Pass)
        .AddSingleton(parts.Random)
        .AddSingleton(new StorePair(parts.Primary, parts.Backup))
        .AddSingleton(new SpoolStores(parts.Spool))
        .AddSingleton<SiloThreads>();

    private static void AddKeys(IServiceCollection services, ArchiveSiloParts parts) => services
        .AddSingleton(parts.Identity)
        .AddSingleton(parts.Identity.Credentials)
        .AddHostedService<PeerRenewal>()
        .AddSingleton<SiloIdentity>()
        .AddSingleton<LeaseHolder>()
        .AddSingleton<LeaseClient>()
        .AddSingleton(NewPartitionKeys)
        .AddSingleton<RevokedSessions>()
        .AddSingleton<RevocationEffect>()
        .AddHostedService<LeaseSweep>()
        .AddHostedService<RevocationFeed>();

    private static PartitionKeys NewPartitionKeys(IServiceProvider provider)
    {
        var silo = provider.GetRequiredService<SiloIdentity>();
        return new(provider.GetRequiredService<LeaseClient>().PartitionAsync, () => new(silo.Region, silo.Name));
    }

    private static void AddWork(IServiceCollection services, ArchiveSiloParts parts) => services
        .AddSingleton<QueueBacklog>()
        .AddSingleton<QueueTrust>()
        .AddSingleton<SegmentShelf>()
        .AddSingleton<SegmentMarks>()
        .AddSingleton<Quarantine>()
        .AddSingleton(new RowStore(parts.Primary))
        .AddSingleton<RowWatch>()
        .AddSingleton<SpoolIntake>()
        .AddSingleton<SegmentFinisher>()
        .AddSingleton<IngestReader>()
        .AddSingleton<IngestFeeds>()
        .AddSingleton(typeof(SiloFeed<>))
        .AddSingleton(provider => new SealRoom(parts.Region, parts.Random, parts.Time))
        .AddSingleton<ArchiveRoom>()
        .AddSingleton(new IndexMachine(parts.Files, parts.Random, new ChunkCache(ChunkCache.DefaultBytesMax), parts.Time))
        .AddSingleton(new IndexRoomOptions(parts.IndexDirectory))
        .AddSingleton<IndexPlaces>()
        .AddSingleton<IndexRoom>()
        .AddHostedService<PartitionTender>()
        .AddSingleton<PackedBatches>()
        .AddSingleton<ErasureOrders>()
        .AddSingleton<IndexUpkeep>()
        .AddSingleton<HoldKeeper>()
        .AddSingleton<RecordEraser>()
        .AddSingleton<ResealOrders>()
        .AddSingleton<ResealRoom>()
        .AddSingleton<ResealParts>()
        .AddSingleton<Resealer>()
        .AddSingleton<PackSweep>()
        .AddSingleton<Sessions>()
        .AddSingleton<RecordOpener>()
        .AddSingleton<RegionDirectory>()
        .AddSingleton<AlarmBook>()
        .AddSingleton<ArchiveMeters>()
        .AddSingleton<ReceiptLookup>()
        .AddSingleton<DayFiles>()
        .AddHostedService<RegionTender>();
}
