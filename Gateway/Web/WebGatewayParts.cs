using AMA.Adapters.Hosting.Identity;
using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace AMA.Gateway.Web;

/// <summary>What the web gateway gets from its host: everything that is not a setting of its own.</summary>
public sealed record WebGatewayParts
{
    /// <summary>The gateway's papers, for both clusters.</summary>
    public required PeerKeeper Identity { get; init; }

    /// <summary>How the production cluster is reached (clustering, certificates, messaging limits).</summary>
    public required Action<IClientBuilder> ConfigureProduction { get; init; }

    /// <summary>How the Control cluster is reached.</summary>
    public required Action<IClientBuilder> ConfigureControl { get; init; }

    /// <summary>The one region this gateway serves. Tenants of another are unknown here.</summary>
    public required Region Region { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where log lines go. The gateway adds filters on top that keep query texts out of them.</summary>
    public required Action<ILoggingBuilder> Logging { get; init; }
}
