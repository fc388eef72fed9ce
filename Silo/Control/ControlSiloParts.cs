using AMA.Adapters.Azure;
using AMA.Adapters.Hosting;
using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using AMA.Archive.Ids;
using AMA.Archive.Keys.Roots;
using Microsoft.Extensions.Logging;

namespace AMA.Silo.Control;

/// <summary>What a control silo takes from the world around it.</summary>
public sealed record ControlSiloParts
{
    public required ClusterPorts Ports { get; init; }

    /// <summary>This silo's own name, in its certificate.</summary>
    public string Name { get; init; } = "control";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Measures how long the audit log's stores take; null: <see cref="Time"/>.</summary>
    public TimeProvider? Patience { get; init; }

    public IRandom Random { get; init; } = SystemRandom.Instance;

    public IDurableFiles Files { get; init; } = new DurableFiles();

    /// <summary>Opens the store in one of the two directories. The silo disposes of what it opens.</summary>
    public required Func<string, IBlobStore> OpenStore { get; init; }

    /// <summary>Opens a key root in a vault, from its address and the key name.</summary>
    public Func<Uri, string, TimeProvider, IKeyRoot> OpenVault { get; init; } = KeyVaultKeyRoot.Open;

    public Action<ILoggingBuilder> Logging { get; init; } = _ => { };

    /// <summary>Stores in files of this machine.</summary>
    public static ControlSiloParts Local(ClusterPorts ports)
    {
        var files = new DurableFiles();
        return new() { Ports = ports, Files = files, OpenStore = directory => new FileBlobStore(directory, files) };
    }
}
