using AMA.Adapters.Hosting;
using AMA.Adapters.Hosting.Identity;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Grains.Archive;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace AMA.Silo.Archive;

/// <summary>What a back-end silo is given by its host.</summary>
public sealed record ArchiveSiloParts
{
    public required Region Region { get; init; }

    /// <summary>The silo's papers, started: it has a certificate before it listens.</summary>
    public required PeerKeeper Identity { get; init; }

    /// <summary>The store that decides; the region's own.</summary>
    public required IBlobStore Primary { get; init; }

    /// <summary>Ciphertext only, another place.</summary>
    public required IBlobStore Backup { get; init; }

    /// <summary>The stores that gateways write to.</summary>
    public required IReadOnlyList<IBlobStore> Spool { get; init; }

    /// <summary>Index files, sealed, on this machine. Whoever loses them must have them made again before searches answer.</summary>
    public required string IndexDirectory { get; init; }

    public required IDurableFiles Files { get; init; }
    public required IRandom Random { get; init; }
    public required TimeProvider Time { get; init; }

    /// <summary>The production cluster this silo is part of.</summary>
    public required ClusterPorts Ports { get; init; }

    /// <summary>Shared by the cluster's silos, never by its clients.</summary>
    public required ClusterPass Pass { get; init; }

    /// <summary>How Control's cluster is reached.</summary>
    public required Action<IClientBuilder> ConfigureControl { get; init; }

    public required Action<ILoggingBuilder> Logging { get; init; }
}
