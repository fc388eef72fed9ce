using Microsoft.Extensions.Logging;

namespace AMA.Adapters.Hosting;

public sealed partial class RemoteCluster
{
    [LoggerMessage(1, LogLevel.Warning, "Cluster {name} cannot be reached yet, trying on: {reason}")]
    private partial void LogNotThereYet(string name, string reason);

    [LoggerMessage(2, LogLevel.Error, "The client of cluster {name} has failed and will not connect")]
    private partial void LogFailed(string name, Exception fault);
}
