using System.Security.Cryptography.X509Certificates;
using AMA.Adapters.Hosting.Identity;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace AMA.Gateway.Smtp;

/// <summary>What the SMTP gateway gets from its host: everything that is not a setting of its own.</summary>
public sealed record SmtpGatewayParts
{
    /// <summary>
    /// The spool stores, two failure domains or more; every segment goes to each under the same name.
    /// </summary>
    public required IReadOnlyList<IBlobStore> Spool { get; init; }

    /// <summary>
    /// The gateway's papers: what it signs segments with, and shows to the production cluster. It may have none yet; it
    /// takes mail when it has.
    /// </summary>
    public required PeerKeeper Identity { get; init; }

    /// <summary>Where Control's signed papers are kept over a restart; null: nowhere.</summary>
    public string? PapersDirectory { get; init; }

    /// <summary>Needed for <see cref="PapersDirectory"/>.</summary>
    public IDurableFiles? Files { get; init; }

    /// <summary>How the production cluster is reached (clustering, certificates, messaging limits).</summary>
    public required Action<IClientBuilder> ConfigureCluster { get; init; }

    /// <summary>The one region whose mail this gateway takes.</summary>
    public required Region Region { get; init; }

    public required TimeProvider Time { get; init; }

    public required IRandom Random { get; init; }

    /// <summary>What senders see, with its private key: see <see cref="SmtpCertificate"/>.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>
    /// Intermediates that are sent along with <see cref="Certificate"/>; empty for a self-signed one.
    /// </summary>
    public X509Certificate2Collection Chain { get; init; } = [];

    /// <summary>Where log lines go. Addresses and message bytes are never in them.</summary>
    public required Action<ILoggingBuilder> Logging { get; init; }
}
